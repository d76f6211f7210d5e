import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, request, type RequestOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createRotatingSecret, Secret } from '@org/config';
import { ServiceError } from '@org/errors';
import {
  collectLogger,
  createCertificateAuthority,
  hasOpenssl,
  skipUnless,
  temporaryDirectory,
  waitFor,
  type CertificateAuthority,
  type IssuedCertificate,
  type TemporaryDirectory,
} from '@org/testing';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTls } from './tls.ts';

let directory: TemporaryDirectory;
let authority: CertificateAuthority;
let pairs: readonly IssuedCertificate[];
let available: boolean;

beforeAll(async () => {
  available = await hasOpenssl();
  if (!available) return;
  directory = await temporaryDirectory();
  authority = await createCertificateAuthority(directory.path);
  pairs = [await authority.issue(), await authority.issue(), await authority.issue()];
});
afterAll(() => directory?.[Symbol.asyncDispose]());
beforeEach((context) => skipUnless(context, available, { what: 'OpenSSL 3', get: 'apt-get install openssl' }));

/** The two secrets of a pair, and how they change. */
function rotating({ certificate, key }: IssuedCertificate) {
  const [first, second] = [createRotatingSecret(certificate), createRotatingSecret(key)];
  return {
    settings: { certificate: first.secret, key: second.secret },
    certificate: (pair: IssuedCertificate | string) => first.rotate(typeof pair === 'string' ? pair : pair.certificate),
    key: (pair: IssuedCertificate | string) => second.rotate(typeof pair === 'string' ? pair : pair.key),
  };
}

/** A server of HTTPS that answers `ok`, with the first pair in force. */
async function serve({ graceMs }: { graceMs?: number } = {}) {
  const secrets = rotating(pairs[0]!);
  const logger = collectLogger();
  const tls = createTls(secrets.settings, logger, graceMs === undefined ? {} : { graceMs });
  const server = createServer(tls.options, (_request, response) => void response.end('ok')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const following = tls.follow(server);
  return {
    ...secrets,
    server,
    following,
    lines: logger.lines,
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      following[Symbol.dispose]();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

type Serials = Set<string | undefined>;

/** Asks once, and gives the serial of the certificate that the connection was made with. */
async function ask(port: number, options: RequestOptions = {}): Promise<string | undefined> {
  const sent = request({ host: 'localhost', family: 4, port, ca: authority.certificate, agent: false, ...options });
  sent.end();
  const [response] = await once(sent, 'response');
  const { serialNumber } = (response.socket as TLSSocket).getPeerCertificate();
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 200) throw new Error(`Expected 200, got ${response.statusCode}`);
  return serialNumber;
}

test('serves with the chain, so that clients need to know the root alone', async () => {
  await using server = await serve();
  expect(await ask(server.port)).toMatch(/^[\dA-F]+$/);
  expect(server.lines).toEqual([]);
});

test('takes no TLS older than 1.2, with another certificate neither', async () => {
  await using server = await serve();
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  for (const pair of [pairs[0]!, pairs[1]!]) {
    server.certificate(pair);
    server.key(pair);
    await ask(server.port, { maxVersion: 'TLSv1.2' });
    await expect(ask(server.port, old)).rejects.toThrow('alert protocol version');
  }
});

describe('a changed pair', () => {
  test('is taken under load without a single failure: new connections have it, those that are there go on', async () => {
    await using server = await serve();
    const stop = new AbortController();
    const [kept, fresh, resumed] = [1, 2, 3].map(() => new Set<string | undefined>()) as [Serials, Serials, Serials];
    let answered = 0;
    const drive = async (agent: Agent | false, serials: Serials) => {
      while (!stop.signal.aborted) {
        serials.add(await ask(server.port, { agent }));
        answered += 1;
      }
      if (agent) agent.destroy();
    };
    const drivers = Promise.all([
      ...[1, 2, 3].map(() => drive(new Agent({ keepAlive: true, maxSockets: 1 }), kept)),
      ...[1, 2, 3].map(() => drive(false, fresh)),
      // New connections that would rather go on with the session of an old one.
      drive(new Agent({ keepAlive: false, maxSockets: 1 }), resumed),
    ]);
    // A session that goes on shows no certificate.
    await waitFor(() => answered > 50 && resumed.has(undefined), { what: 'traffic' });
    for (const [index, pair] of [pairs[1]!, pairs[2]!, pairs[0]!, pairs[1]!].entries()) {
      const before = fresh.size;
      // Either half may come first, and there is time between them.
      const [one, other] = index % 2 === 0 ? (['certificate', 'key'] as const) : (['key', 'certificate'] as const);
      server[one](pair);
      const asked = answered;
      await waitFor(() => answered > asked + 20, { what: 'traffic between the halves' });
      server[other](pair);
      if (index < 2) await waitFor(() => fresh.size > before, { what: 'the next certificate' });
    }
    stop.abort();
    await drivers;
    expect([fresh.size, kept.size]).toEqual([3, 1]);
    expect(server.lines.map(({ level, message }) => [level, message])).toEqual(
      Array.from({ length: 4 }, () => ['info', 'Another TLS certificate is in force']),
    );
  });

  test('is refused when it does not fit, and the next good one is taken', async () => {
    await using server = await serve({ graceMs: 1 });
    const first = await ask(server.port);
    for (const change of [
      () => server.certificate(pairs[1]!),
      () => server.certificate('nonsense hunter2'),
      () => server.key('-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----'),
    ]) {
      const before = server.lines.length;
      change();
      await waitFor(() => server.lines.length > before, { what: 'the complaint' });
      expect(await ask(server.port)).toBe(first);
    }
    expect(server.lines.map(({ level, fields }) => `${level} ${(fields.err as Error).message}`)).toEqual([
      'error expected the key of the first certificate, got that of another',
      expect.stringContaining('error expected certificates in PEM'),
      expect.stringContaining('error expected certificates in PEM'),
    ]);
    const printed = JSON.stringify(server.lines, (_, value: unknown) =>
      value instanceof Error ? [value.message, value.stack, value.cause] : value,
    );
    expect(printed).not.toContain('hunter2');
    expect(printed).not.toContain(pairs[0]!.key.split('\n')[1]);

    server.certificate(pairs[2]!);
    server.key(pairs[2]!);
    expect(await ask(server.port)).not.toBe(first);
    expect(server.lines.at(-1)).toMatchObject({
      level: 'info',
      fields: { subject: expect.stringContaining('DNS:localhost'), not_after: expect.stringMatching(/^\d{4}-.*Z$/) },
    });
  });

  test('is not complained about while its other half may be on its way', async () => {
    await using server = await serve();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      server.certificate(pairs[1]!);
      vi.advanceTimersByTime(29_999);
      server.key(pairs[1]!);
      vi.advanceTimersByTime(3_600_000);
      expect(server.lines.map(({ level }) => level)).toEqual(['info']);
      server.key(pairs[2]!);
      vi.advanceTimersByTime(30_000);
      expect(server.lines.map(({ level }) => level)).toEqual(['info', 'error']);
    } finally {
      vi.useRealTimers();
    }
  });

  test('that came between reading and serving is taken', async () => {
    const secrets = rotating(pairs[0]!);
    const logger = collectLogger();
    const tls = createTls(secrets.settings, logger);
    secrets.certificate(pairs[1]!);
    secrets.key(pairs[1]!);
    tls.follow(createServer(tls.options))[Symbol.dispose]();
    expect(logger.lines).toMatchObject([{ level: 'info' }]);
  });

  test('may have the same key', async () => {
    const secrets = rotating(pairs[0]!);
    const logger = collectLogger();
    const tls = createTls(secrets.settings, logger);
    using _ = tls.follow(createServer(tls.options));
    // The chain in another form is another certificate as well.
    secrets.certificate(`${pairs[0]!.certificate}\n`);
    expect(logger.lines).toMatchObject([{ level: 'info' }]);
  });

  test('is nobody’s business any more when the server is gone', () => {
    const secrets = rotating(pairs[0]!);
    const logger = collectLogger();
    const tls = createTls(secrets.settings, logger);
    const server = createServer(tls.options);
    const setSecureContext = vi.spyOn(server, 'setSecureContext');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const following = tls.follow(server);
      secrets.key(pairs[1]!);
      expect(vi.getTimerCount()).toBe(1);
      following[Symbol.dispose]();
      expect(vi.getTimerCount()).toBe(0);
      secrets.certificate(pairs[1]!);
      expect(setSecureContext).not.toHaveBeenCalled();
      expect(logger.lines).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('at the start', () => {
  const encrypted = () =>
    execFileSync(
      'openssl',
      ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-aes256', '-pass', 'pass:hunter2'],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
  test.each<[string, () => [string, string], string]>([
    ['no certificate', () => ['', pairs[0]!.key], 'expected certificates in PEM'],
    ['a key for a certificate', () => [pairs[0]!.key, pairs[0]!.key], 'expected certificates in PEM'],
    [
      'a damaged certificate',
      () => [pairs[0]!.certificate.replace(/\n.{20}/, '\n'), pairs[0]!.key],
      'expected certificates in PEM',
    ],
    [
      'a damaged chain',
      () => [`${pairs[0]!.certificate}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`, pairs[0]!.key],
      'expected certificates in PEM',
    ],
    ['no key', () => [pairs[0]!.certificate, ''], 'expected a private key in PEM'],
    ['a key with a passphrase', () => [pairs[0]!.certificate, encrypted()], 'without a passphrase'],
    ['the key of another', () => [pairs[0]!.certificate, pairs[1]!.key], 'that of another'],
    [
      'the chain in the wrong order',
      () => [
        pairs[0]!.certificate
          .split(/(?<=END CERTIFICATE-----\n)/)
          .reverse()
          .join(''),
        pairs[0]!.key,
      ],
      'that of another',
    ],
  ])('%s is refused', (_, given, message) => {
    const [certificate, key] = given();
    const open = () => createTls({ certificate: new Secret(certificate), key: new Secret(key) }, collectLogger());
    expect(open).toThrow(ServiceError);
    expect(open).toThrow(message);
    expect(open).toThrow(expect.objectContaining({ code: 'failed_precondition', reason: 'TLS_CERTIFICATE_INVALID' }));
    expect(open).not.toThrow('hunter2');
  });

  test('a key that is too weak for OpenSSL is refused', () => {
    const weak = [
      'req',
      '-x509',
      '-newkey',
      'rsa:512',
      '-nodes',
      '-subj',
      '/CN=x',
      '-out',
      'weak.pem',
      '-keyout',
      'weak.key',
    ];
    execFileSync('openssl', weak, { cwd: directory.path, stdio: 'ignore' });
    const read = (file: string) => new Secret(execFileSync('cat', [file], { cwd: directory.path, encoding: 'utf8' }));
    const open = () => createTls({ certificate: read('weak.pem'), key: read('weak.key') }, collectLogger());
    expect(open).toThrow('that OpenSSL takes, got ERR_SSL_EE_KEY_TOO_SMALL');
  });

  test.each<[string, object, string]>([
    ['any more', { notBefore: new Date('2020-01-01'), notAfter: new Date('2020-02-01') }, 'not valid any more'],
    ['yet', { notBefore: new Date(Date.now() + 60_000) }, 'not valid yet'],
  ])('a certificate that is not valid %s serves all the same, with a warning', async (_, times, message) => {
    const { certificate, key } = await authority.issue(times);
    const logger = collectLogger();
    createTls({ certificate: new Secret(certificate), key: new Secret(key) }, logger);
    expect(logger.lines).toMatchObject([{ level: 'warn', message: expect.stringContaining(message) }]);
  });
});

describe('the metric', () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  let provider: MeterProvider;
  beforeEach(() => {
    provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
    metrics.setGlobalMeterProvider(provider);
  });
  afterEach(async () => {
    metrics.disable();
    await provider.shutdown();
  });

  const collected = async () => {
    exporter.reset();
    await provider.forceFlush();
    const all = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
    return all.flatMap(({ descriptor, dataPoints }) => dataPoints.map(({ value }) => [descriptor.name, value]));
  };

  test('tells when the certificate in force ends, as long as there is a server', async () => {
    const server = await serve();
    const [[name, value] = []] = await collected();
    expect(name).toBe('tls.server.certificate.not_after');
    const inADay = Date.now() / 1000 + 86_400;
    expect(Math.abs((value as number) - inADay)).toBeLessThan(600);
    const next = await authority.issue({ notAfter: new Date(Date.now() + 3_600_000) });
    server.certificate(next);
    server.key(next);
    const [[, changed] = []] = await collected();
    expect(Math.abs((changed as number) - inADay + 82_800)).toBeLessThan(600);
    await server[Symbol.asyncDispose]();
    expect(await collected()).toEqual([]);
  });
});
