import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { exampleNewOrder } from '@org/example-service-contract';
import { startBuilt } from '@org/service/testing';
import {
  createCanary,
  freePort,
  kubeletVolume,
  openOtlpReceiver,
  postgresRequirement,
  rabbitmqRequirement,
  skipUnless,
  startPostgres,
  startRabbitmq,
  startVaultDouble,
  temporaryDirectory,
  waitFor,
} from '@org/testing';
import { afterAll, expect, test } from 'vitest';
import { buildBundle } from '../build-bundle.ts';
import { main, post, runBuilt } from '../built.ts';
import { kinds } from './service/main.ts';

const canary = createCanary();
/** Keeps what was seen for the end. A snapshot of the heap holds all that a process knows, and is exempt. */
const { see } = canary;
afterAll(() => expect(canary.findings()).toEqual([]));

/** Wherever a service takes a secret. */
const secrets = {
  OPS_TOKEN: canary.value,
  VAULT_ADDR: 'http://127.0.0.1:1',
  VAULT_TOKEN: canary.value,
  DATABASE_CREDENTIALS: `orders:${canary.value}`,
  BROKER_CREDENTIALS: `orders:${canary.value}`,
  OTEL_EXPORTER_OTLP_HEADERS: `authorization=${canary.inUrl}`,
  LOG_LEVEL: 'trace',
  LOG_FORMAT: 'json',
  PORT: '0',
  OPS_PORT: '0',
};
const local = (protocol: string, port: number, path = '') =>
  `${protocol}://orders:${canary.inUrl}@127.0.0.1:${port}${path}`;

async function runToEnd(name: string, args: string[], env: Record<string, string>, code: number) {
  await using child = await runBuilt(args, { ...secrets, ...env });
  const exit = await child.exit;
  see(name, child.stdout + child.stderr);
  expect(exit.code, child.stderr + child.stdout).toBe(code);
}

test.each<[string, Record<string, string>]>([
  ['an unknown protocol', { DATABASE_URL: `mysql://orders:${canary.inUrl}@db/orders` }],
  ['no URL', { BROKER_URL: canary.value }],
  ['no port', { PORT: canary.value }],
  ['no duration', { SHUTDOWN_DELAY: canary.value }],
  ['no TLS key', { REST_TLS_CERTIFICATE: canary.value, REST_TLS_KEY: canary.value }],
  ['no pair', { BROKER_CREDENTIALS: canary.value }],
])('a configuration with %s', { timeout: 60_000 }, async (what, environment) => {
  for (const command of [[], ['check-config'], ['print-config'], ['describe']] as const) {
    await using child = await runBuilt([...command], { ...secrets, ...environment });
    const { code } = await child.exit;
    see(`${command[0] ?? 'the start'} with ${what}`, child.stdout + child.stderr);
    if (command.length === 0) expect(code).toBe(78);
  }
});

test.each(['print-config', 'check-config', 'describe', 'help'])('%s', async (command) => {
  const urls = { DATABASE_URL: local('postgres', 1, '/orders'), BROKER_URL: local('amqp', 1) };
  await runToEnd(command, [command], urls, 0);
});

test('a login that fails', { timeout: 240_000 }, async (context) => {
  await using postgres = await startPostgres({ user: { username: 'orders', password: 'another' } });
  skipUnless(context, postgres !== undefined, postgresRequirement);
  await using rabbitmq = await startRabbitmq();
  skipUnless(context, rabbitmq !== undefined, rabbitmqRequirement);
  await using vault = await startVaultDouble();
  const database = { DATABASE_URL: local('postgres', postgres.port, '/postgres') };
  for (const [name, environment] of Object.entries<Record<string, string>>({
    'a failed login at PostgreSQL': database,
    'a failed login at RabbitMQ': { BROKER_URL: local('amqp', rabbitmq.port) },
    'a failed login at Vault': { VAULT_ADDR: vault.url, BROKER_CREDENTIALS: 'vault:kv/broker' },
    'nobody there': { DATABASE_URL: local('postgres', await freePort(), '/orders'), DATABASE_CONNECT_TIMEOUT: '500ms' },
  })) {
    await using child = await runBuilt([], { ...secrets, ...environment });
    const { code } = await child.exit;
    expect(code).toBeGreaterThan(0);
    see(name, child.stdout + child.stderr);
  }
});

/** Has an error that nobody catches thrown at a signal. */
const crash = `process.once('SIGUSR2', () => { throw new Error('nobody catches this') })`;

test('a service at work, and its end by an error that nobody caught', { timeout: 60_000 }, async () => {
  await using receiver = await openOtlpReceiver();
  await using folder = await temporaryDirectory();
  await (await kubeletVolume(join(folder.path, 'broker'))).write({ username: 'orders', password: canary.value });
  await using service = await startBuilt(main, {
    environment: {
      ...secrets,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(crash)}`,
      BROKER_CREDENTIALS: 'kubernetes:broker',
      KUBERNETES_SECRETS_PATH: folder.path,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_BSP_SCHEDULE_DELAY: '20',
      OTEL_METRIC_EXPORT_INTERVAL: '500',
    },
  });
  const headers = { authorization: `Bearer ${canary.value}`, cookie: `session=${canary.inUrl}` };
  await post(`${service.url}/orders`, exampleNewOrder, headers);
  await post(`${service.url}/orders`, { ...exampleNewOrder, items: 'none' }, headers);
  see('answers', await (await fetch(`${service.url}/orders/nonsense`, { headers })).text());
  const operator = { headers: { authorization: `Bearer ${canary.value}` } };
  for (const path of ['info', 'config', 'metrics', 'readyz', 'livez', 'loglevel', 'secrets/kubernetes', '']) {
    const answer = await fetch(`${service.opsUrl}/${path}`, operator);
    expect(answer.status, path).toBe(200);
    see(`/${path}`, await answer.text());
    see(
      `/${path} for somebody else`,
      `${await (await fetch(`${service.opsUrl}/${path}`, { headers: { authorization: `Bearer not-abc` } })).text()} `,
    );
  }
  await waitFor(() => receiver.spans.length > 2 && receiver.metrics.length > 0, { what: 'spans and metrics' });
  service.process.kill('SIGUSR2');
  expect(await service.process.exit).toMatchObject({ code: 1 });
  expect(service.process.stdout).toContain('nobody catches this');
  see('spans', JSON.stringify(receiver.spans));
  see('measurements', JSON.stringify(receiver.metrics));
  see('logs at every level, and the crash', service.process.stdout + service.process.stderr);
  // The collector is whom this secret is for.
  expect(JSON.stringify(receiver.requests)).toSatisfy(canary.isIn);
});

test('a service whose handlers spill it, and its end by a promise that nobody caught', async () => {
  await using receiver = await openOtlpReceiver();
  await using bundle = await buildBundle(join(import.meta.dirname, 'service/main.ts'));
  await using spilling = await startBuilt(bundle.file, {
    environment: {
      SPILLED_KEY: canary.value,
      SPILLED_LOGIN: `orders:${canary.value}`,
      OPS_TOKEN: canary.value,
      LOG_LEVEL: 'trace',
      LOG_FORMAT: 'json',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '20',
    },
  });
  expect(kinds.at(-1)).toBe('rejects with it where nobody waits');
  for (const kind of kinds) {
    const answer = await fetch(`${spilling.url}/spills/${encodeURIComponent(kind)}`);
    see(`the answer of who ${kind}`, await answer.text());
    if (kind.startsWith('throws')) expect(answer.status, kind).toBeGreaterThan(399);
  }
  expect(await spilling.process.exit).toMatchObject({ code: 1 });
  see('what is written of the spilling', spilling.process.stdout);
  see('what is printed of the spilling', spilling.process.stderr);
  for (const trace of ['no login', 'with [secret]', 'nobody waits', '[secret]']) {
    expect(spilling.process.stdout + spilling.process.stderr).toContain(trace);
  }
  expect(receiver.spans.length).toBeGreaterThan(2);
  see('the spans of the spilling', JSON.stringify(receiver.spans));
});

test('what the build and the manifests are made of', { timeout: 120_000 }, async () => {
  const root = join(import.meta.dirname, '../../../..');
  const line = [join(root, 'node_modules/.bin/nx'), 'manifests', 'example-service', '--skip-nx-cache'];
  const env = { ...process.env, ...secrets, NX_DAEMON: 'false', NODE_OPTIONS: '', DATABASE_URL: local('postgres', 1) };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, line, { cwd: root, env });
  see('the output of nx manifests', stdout + stderr);
  for (const folder of ['dist', 'deploy']) {
    const path = join(import.meta.dirname, '../..', folder);
    const files = await readdir(path, { recursive: true, withFileTypes: true });
    for (const file of files.filter((each) => each.isFile())) {
      const full = join(file.parentPath, file.name);
      see(full, `${await readFile(full, 'latin1')} `);
    }
  }
});
