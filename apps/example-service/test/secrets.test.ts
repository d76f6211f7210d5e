import { rm } from 'node:fs/promises';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { join } from 'node:path';
import { startBuilt, type BuiltService } from '@org/service/testing';
import {
  createCertificateAuthority,
  hasOpenssl,
  kubeletVolume,
  skipUnless,
  temporaryDirectory,
  waitFor,
  type CertificateAuthority,
  type IssuedCertificate,
  type TemporaryDirectory,
} from '@org/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { main, runBuilt } from './built.ts';

let directory: TemporaryDirectory;
let authority: CertificateAuthority;
let available: boolean;
beforeAll(async () => {
  available = await hasOpenssl();
  directory = await temporaryDirectory();
  if (available) authority = await createCertificateAuthority(directory.path);
});
afterAll(() => directory[Symbol.asyncDispose]());
beforeEach((context) => skipUnless(context, available, { what: 'OpenSSL 3', get: 'apt-get install openssl' }));

const references = { REST_TLS_CERTIFICATE: 'kubernetes:tls/tls.crt', REST_TLS_KEY: 'kubernetes:tls/tls.key' };
const filesOf = ({ certificate, key }: IssuedCertificate) => ({ 'tls.crt': certificate, 'tls.key': key });

/** The serial of the certificate that the service shows. */
async function serialOf({ url }: BuiltService): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<DetailedPeerCertificate>();
  const socket = connect({ port: Number(new URL(url).port), host: 'localhost', ca: authority.certificate });
  socket.on('error', reject).on('secureConnect', () => resolve(socket.getPeerCertificate(true)));
  try {
    return (await promise).serialNumber;
  } finally {
    socket.destroy();
  }
}

const readiness = async ({ opsUrl }: BuiltService) => {
  const report = (await (await fetch(`${opsUrl}/readyz`)).json()) as {
    status: string;
    checks: Record<string, { status: string; kind: string; reason?: string }>;
  };
  return { status: report.status, secrets: report.checks['secrets-kubernetes'] };
};

test('the built service takes its secrets from mounted volumes, and goes on with the last ones when they go', async () => {
  await using folder = await temporaryDirectory();
  const volume = await kubeletVolume(join(folder.path, 'tls'));
  const pairs = [await authority.issue(), await authority.issue(), await authority.issue()] as const;
  await volume.write(filesOf(pairs[0]));
  const environment = { ...references, KUBERNETES_SECRETS_PATH: folder.path };
  await using service = await startBuilt(main, { environment });
  const first = await serialOf(service);
  expect(await readiness(service)).toMatchObject({ status: 'ok', secrets: { status: 'ok', kind: 'secrets' } });

  // Each swap, not only the first, is taken as a whole, long before the files are looked at by themselves.
  const serials = new Set([first]);
  for (const pair of [pairs[1], pairs[2]]) {
    const before = serials.size;
    await volume.write(filesOf(pair));
    await waitFor(async () => serials.add(await serialOf(service)).size > before, {
      what: 'the swap',
      timeoutMs: 10_000,
    });
  }
  const last = await serialOf(service);

  await rm(volume.folder, { recursive: true });
  await waitFor(async () => (await readiness(service)).status === 'degraded', { what: 'readiness', timeoutMs: 10_000 });
  const { secrets } = await readiness(service);
  expect(secrets?.reason).toMatch(/^The last values of 1 of 1 secrets of kubernetes: stay in force: .*\(not_found\)$/);
  expect((await fetch(`${service.opsUrl}/readyz`)).status).toBe(200);
  expect(await serialOf(service)).toBe(last);

  const inForce = await (await fetch(`${service.opsUrl}/secrets/kubernetes`)).json();
  expect(inForce).toMatchObject({
    location: folder.path,
    secrets: [{ secret: 'kubernetes:tls', version: expect.any(String), failing: { code: 'not_found' } }],
  });
  const metrics = await (await fetch(`${service.opsUrl}/metrics`)).text();
  expect(metrics).toMatch(/^secrets_stale\{.*secrets_store="kubernetes".*\} 1$/m);

  const errors = service.logs.filter(({ level }) => level === 'error');
  expect(errors).toMatchObject([{ reference: 'kubernetes:tls', reason: 'SECRET_MISSING' }]);
  const printed = [JSON.stringify(service.logs), service.process.stderr, JSON.stringify(inForce), metrics].join('\n');
  for (const { key } of pairs) expect(printed).not.toContain(key.split('\n')[1]);
});

test('what cannot be had ends the start of the built service with one error', async () => {
  await using folder = await temporaryDirectory();
  await (await kubeletVolume(join(folder.path, 'tls'))).write({ 'tls.crt': 'hunter2' });
  const environment = {
    ...references,
    BROKER_CREDENTIALS: 'kubernetes:broker',
    KUBERNETES_SECRETS_PATH: folder.path,
    PORT: '0',
    OPS_PORT: '0',
    LOG_FORMAT: 'json',
  };
  await using child = await runBuilt([], environment);
  expect(await child.exit).toMatchObject({ code: expect.any(Number) });
  const fatal = child.stdout.split('\n').filter((line) => line.includes('"level":"fatal"'));
  expect(fatal).toHaveLength(1);
  expect(fatal[0]).toContain('3 faults');
  expect(fatal[0]).toMatch(/REST_TLS_CERTIFICATE \(from kubernetes:tls\/tls\.crt\): expected certificates in PEM/);
  expect(fatal[0]).toMatch(/REST_TLS_KEY \(from kubernetes:tls\/tls\.key\): could not be had \(not_found\)/);
  expect(fatal[0]).toMatch(/BROKER_CREDENTIALS \(from kubernetes:broker\): could not be had \(not_found\)/);
  expect(child.stdout + child.stderr).not.toContain('hunter2');
});

test('a reference is no value to whoever prints the configuration', async () => {
  await using child = await runBuilt(['print-config'], references);
  expect(await child.exit).toMatchObject({ code: 0 });
  expect(child.stdout).toMatch(/^REST_TLS_KEY=kubernetes:tls\/tls\.key +# /m);
  expect(child.stdout).toMatch(/^KUBERNETES_SECRETS_PATH=\/var\/run\/secrets\/app +# .*default/m);
});
