import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent, request, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { serveRest } from '@org/api-rest';
import { createRotatingSecret, type SecretStore } from '@org/config';
import { contract, exampleNewOrder } from '@org/example-service-contract';
import { defineService } from '@org/service';
import { startBuilt, startService } from '@org/service/testing';
import {
  createCertificateAuthority,
  hasOpenssl,
  load,
  rawRequest,
  skipUnless,
  temporaryDirectory,
  waitFor,
  type CertificateAuthority,
  type IssuedCertificate,
  type TemporaryDirectory,
} from '@org/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { databases } from '../test-fixtures/databases.ts';
import { config } from '../src/config.ts';
import { createOrders } from '../src/orders.ts';
import { orderRoutes } from '../src/routes/orders.ts';
import { main, runBuilt } from './built.ts';

let directory: TemporaryDirectory;
let authority: CertificateAuthority;
let pairs: readonly IssuedCertificate[];
let available: boolean;

beforeAll(async () => {
  available = await hasOpenssl();
  if (!available) return;
  directory = await temporaryDirectory();
  authority = await createCertificateAuthority(directory.path);
  pairs = await Promise.all([authority.issue(), authority.issue()]);
});
afterAll(() => directory?.[Symbol.asyncDispose]());
beforeEach((context) => skipUnless(context, available, { what: 'OpenSSL 3', get: 'apt-get install openssl' }));

/** Asks over TLS, trusting the root alone; the serial is that of the certificate of the connection. */
async function ask(url: string, options: RequestOptions & { body?: unknown } = {}) {
  const { body, ...rest } = options;
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const sent = request(url, { ca: authority.certificate, agent: false, headers, ...rest });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = await once(sent, 'response');
  const { serialNumber } = (response.socket as TLSSocket).getPeerCertificate();
  return {
    status: response.statusCode as number,
    serial: serialNumber,
    headers: response.headers,
    text: await text(response),
  };
}

/** Writes a pair into files, and gives the variables that name them. */
async function filesOf({ certificate, key }: IssuedCertificate) {
  const name = crypto.randomUUID();
  const files = [join(directory.path, `${name}.crt`), join(directory.path, `${name}.key`)] as const;
  await writeFile(files[0], certificate);
  await writeFile(files[1], key);
  return { REST_TLS_CERTIFICATE_FILE: files[0], REST_TLS_KEY_FILE: files[1] };
}

describe('the built service', () => {
  test('serves over TLS with the certificate of its files', async () => {
    await using service = await startBuilt(main, { environment: await filesOf(pairs[0]!) });
    expect(service.url).toMatch(/^https:\/\/localhost:\d+$/);
    const placed = await ask(`${service.url}/orders`, { method: 'POST', body: exampleNewOrder });
    expect([placed.status, placed.headers['strict-transport-security']]).toEqual([
      201,
      expect.stringContaining('max-age='),
    ]);
    const listed = await ask(`${service.url}/orders`);
    expect((JSON.parse(listed.text) as { items: unknown[] }).items).toEqual([JSON.parse(placed.text)]);
    expect((await ask(`${service.url}/livez`)).status).toBe(200);

    const metrics = await (await fetch(`${service.opsUrl}/metrics`)).text();
    expect(metrics).toMatch(/^tls_server_certificate_not_after(_seconds)? \d{10}/m);
    expect(metrics).toMatch(/^http_server_request_duration.*url_scheme="https"/m);
    expect(JSON.stringify(service.logs)).not.toContain(pairs[0]!.key.split('\n')[1]);
  });

  test('is not harmed by who speaks no TLS, and stops at once with connections open', async () => {
    await using service = await startBuilt(main, { environment: await filesOf(pairs[0]!) });
    const port = Number(new URL(service.url).port);
    for (const bytes of ['GET /orders HTTP/1.1\r\nHost: x\r\n\r\n', 'nonsense', '\x16\x03\x01\x02\x00\x01']) {
      expect((await rawRequest(port, bytes, { timeoutMs: 200 })).text).not.toContain('HTTP/1.1 200');
    }
    const agent = new Agent({ keepAlive: true, ca: authority.certificate });
    expect((await ask(`${service.url}/orders`, { agent })).status).toBe(200);
    service.process.kill('SIGTERM');
    expect(await service.process.exit).toMatchObject({ code: 0 });
    agent.destroy();
  });

  test('stops under load with every request answered', { timeout: 120_000 }, async () => {
    const roots = getCACertificates('default');
    setDefaultCACertificates([authority.certificate]);
    try {
      const environment = { ...(await filesOf(pairs[0]!)), SHUTDOWN_DELAY: '8s' };
      await using service = await startBuilt(main, { environment });
      const headers = { 'content-type': 'application/json' };
      const order = { method: 'POST', headers, body: JSON.stringify(exampleNewOrder) };
      await using traffic = load({ url: `${service.url}/orders`, connections: 30, timeoutMs: 40_000, ...order });
      await waitFor(() => traffic.counts().answered > 200, { what: 'two hundred orders' });
      const before = traffic.counts().answered;
      service.process.kill('SIGTERM');
      await waitFor(async () => (await fetch(`${service.opsUrl}/readyz`)).status === 503, {
        what: 'readiness to fail',
      });
      await waitFor(() => traffic.counts().answered > before + 30, { what: 'thirty more orders' });
      const { answers, answered, ...lost } = await traffic.stop();
      expect(lost).toEqual({ refused: 0, reset: 0, timedOut: 0, faults: [] });
      expect(answers).toEqual({ 201: answered });
      expect(await service.process.exit).toEqual({ code: 0, signal: null });
    } finally {
      setDefaultCACertificates(roots);
    }
  });

  test.each<[string, () => Promise<Record<string, string>>, string]>([
    [
      'a key that is not that of the certificate',
      () => filesOf({ ...pairs[0]!, key: pairs[1]!.key }),
      'that of another',
    ],
    ['no key', async () => ({ REST_TLS_CERTIFICATE: pairs[0]!.certificate }), 'REST_TLS_KEY'],
    ['what is no certificate', () => filesOf({ ...pairs[0]!, certificate: 'hunter2' }), 'REST_TLS_CERTIFICATE'],
    ['what is no key', () => filesOf({ ...pairs[0]!, key: 'hunter2' }), 'REST_TLS_KEY'],
  ])('is not started, nor is its configuration good, with %s', async (_, environment, message) => {
    const given = await environment();
    for (const args of [[], ['check-config']]) {
      await using running = await runBuilt(args, given);
      expect(await running.exit).toMatchObject({ code: 78 });
      const written = running.stdout + running.stderr;
      expect(written).toContain(message);
      expect(written).not.toMatch(/hunter2|PRIVATE KEY/);
    }
  });
});

/** A store whose secrets the test changes: `test:tls#certificate` and `test:tls#key`. */
function rotatingStore({ certificate, key }: IssuedCertificate) {
  const secrets = { certificate: createRotatingSecret(certificate), key: createRotatingSecret(key) };
  const store: SecretStore = {
    scheme: 'test',
    open: async () => ({
      read: async ({ key: name }) => secrets[name as keyof typeof secrets].secret,
      [Symbol.asyncDispose]: async () => undefined,
    }),
  };
  return { store, secrets };
}

test('a certificate that a secret store changes is taken under load without a single failure', async () => {
  await using database = await databases.open();
  const { store, secrets } = rotatingStore(pairs[0]!);
  const definition = defineService({
    name: 'example-service',
    config,
    contract,
    secrets: [store],
    async start({ settings, start }) {
      const routes = orderRoutes(createOrders(database));
      await start('rest', (runtime) => serveRest(settings.rest, { contract, routes }, runtime));
    },
  });
  const environment = { REST_TLS_CERTIFICATE: 'test:tls#certificate', REST_TLS_KEY: 'test:tls#key' };
  await using service = await startService(definition, { environment });
  const serials = { kept: new Set<string>(), fresh: new Set<string>() };
  const stop = new AbortController();
  let answered = 0;
  const drive = async (agent: Agent | false, seen: Set<string>) => {
    while (!stop.signal.aborted) {
      const placed = await ask(`${service.url}/orders`, { agent, method: 'POST', body: exampleNewOrder });
      expect(placed.status).toBe(201);
      seen.add(placed.serial);
      answered += 1;
    }
    if (agent) agent.destroy();
  };
  const keepAlive = () => new Agent({ keepAlive: true, maxSockets: 1, ca: authority.certificate });
  const drivers = Promise.all([
    ...[1, 2, 3].map(() => drive(keepAlive(), serials.kept)),
    ...[1, 2].map(() => drive(false, serials.fresh)),
  ]);
  await waitFor(() => answered > 30, { what: 'traffic' });
  secrets.certificate.rotate(pairs[1]!.certificate);
  const asked = answered;
  await waitFor(() => answered > asked + 30, { what: 'traffic between the halves' });
  secrets.key.rotate('hunter2');
  secrets.key.rotate(pairs[1]!.key);
  await waitFor(() => serials.fresh.size === 2, { what: 'the next certificate' });
  stop.abort();
  await drivers;
  expect([serials.kept.size, serials.fresh.size]).toEqual([1, 2]);
  const told = service.logs.filter(({ msg, level }) => /certificate/i.test(String(msg)) || level === 'error');
  expect(told).toMatchObject([
    // What the variable does not take is told by whoever read it; no other complaint, since the pair came soon.
    { level: 'error', variable: 'REST_TLS_KEY' },
    { level: 'info', msg: 'Another TLS certificate is in force' },
  ]);
  expect(JSON.stringify(service.logs)).not.toMatch(/hunter2|PRIVATE KEY/);
});
