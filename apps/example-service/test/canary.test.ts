import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { exampleNewOrder } from '@org/example-service-contract';
import { startBuilt } from '@org/service/testing';
import {
  freePort,
  kubeletVolume,
  openOtlpReceiver,
  startPostgres,
  startRabbitmq,
  startVaultDouble,
} from '@org/testing';
import { postgresRequirement, rabbitmqRequirement, skipUnless, temporaryDirectory, waitFor } from '@org/testing';
import { afterAll, expect, test } from 'vitest';
import { main, post, runBuilt } from './built.ts';

/** Occurs nowhere else, and looks different when it is encoded in a URL. */
const canary = `canary/${randomBytes(12).toString('hex')}+?`;
/** What of it survives whatever is done to its ends; and its other shapes. */
const core = canary.slice(7, -2);
/** Base64 looks at three bytes at a time: whatever precedes it shifts them. */
const inBase64 = [0, 1, 2].map((by) => Buffer.from(core.slice(by, by + 21)).toString('base64'));
const shapes = [core, ...inBase64, Buffer.from(core).toString('hex')];
const inUrl = encodeURIComponent(canary);

/** Everything that was seen, by where. A snapshot of the heap holds all that a process knows, and is exempt. */
const seen = new Map<string, string>();
const see = (where: string, text: string) => void seen.set(where, text);
afterAll(() => {
  for (const [where, text] of seen) {
    expect(text.length, where).toBeGreaterThan(0);
    for (const shape of shapes) expect(text.includes(shape), `${where} holds \`${shape}\``).toBe(false);
  }
});

test('the search finds the canary in whatever shape it is', () => {
  for (const before of ['', 'x', 'xx', 'xxx']) {
    const bytes = Buffer.from(`${before}${canary}-and-more`);
    for (const text of [
      String(bytes),
      encodeURIComponent(String(bytes)),
      bytes.toString('base64'),
      bytes.toString('hex'),
    ]) {
      expect(
        shapes.some((shape) => text.includes(shape)),
        text,
      ).toBe(true);
    }
  }
});

/** Wherever a service takes a secret. */
const secrets = {
  OPS_TOKEN: canary,
  VAULT_ADDR: 'http://127.0.0.1:1',
  VAULT_TOKEN: canary,
  DATABASE_CREDENTIALS: `orders:${canary}`,
  BROKER_CREDENTIALS: `orders:${canary}`,
  OTEL_EXPORTER_OTLP_HEADERS: `authorization=${inUrl}`,
  LOG_LEVEL: 'trace',
  LOG_FORMAT: 'json',
  PORT: '0',
  OPS_PORT: '0',
};
const local = (protocol: string, port: number, path = '') => `${protocol}://orders:${inUrl}@127.0.0.1:${port}${path}`;

async function runToEnd(name: string, args: string[], env: Record<string, string>, code: number) {
  await using child = await runBuilt(args, { ...secrets, ...env });
  const exit = await child.exit;
  see(name, child.stdout + child.stderr);
  expect(exit.code, child.stderr + child.stdout).toBe(code);
}

test.each<[string, Record<string, string>]>([
  ['an unknown protocol', { DATABASE_URL: `mysql://orders:${inUrl}@db/orders` }],
  ['no URL', { BROKER_URL: canary }],
  ['no port', { PORT: canary }],
  ['no duration', { SHUTDOWN_DELAY: canary }],
  ['no TLS key', { REST_TLS_CERTIFICATE: canary, REST_TLS_KEY: canary }],
  ['no pair', { BROKER_CREDENTIALS: canary }],
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

test('a login that fails', { timeout: 120_000 }, async (context) => {
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
  await (await kubeletVolume(join(folder.path, 'broker'))).write({ username: 'orders', password: canary });
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
  const headers = { authorization: `Bearer ${canary}`, cookie: `session=${inUrl}` };
  await post(`${service.url}/orders`, exampleNewOrder, headers);
  await post(`${service.url}/orders`, { ...exampleNewOrder, items: 'none' }, headers);
  see('answers', await (await fetch(`${service.url}/orders/nonsense`, { headers })).text());
  const operator = { headers: { authorization: `Bearer ${canary}` } };
  for (const path of ['info', 'config', 'metrics', 'readyz', 'livez', 'loglevel', 'secrets/kubernetes', '']) {
    const answer = await fetch(`${service.opsUrl}/${path}`, operator);
    expect(answer.status, path).toBe(200);
    see(`/${path}`, await answer.text());
    see(
      `/${path} for somebody else`,
      `${await (await fetch(`${service.opsUrl}/${path}`, { headers: { authorization: `Bearer not-${canary.slice(0, 3)}` } })).text()} `,
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
  expect(JSON.stringify(receiver.requests)).toContain(core);
});

test('what the build and the manifests are made of', { timeout: 120_000 }, async () => {
  const root = join(import.meta.dirname, '../../..');
  const line = [join(root, 'node_modules/.bin/nx'), 'manifests', 'example-service', '--skip-nx-cache'];
  const env = { ...process.env, ...secrets, NX_DAEMON: 'false', NODE_OPTIONS: '', DATABASE_URL: local('postgres', 1) };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, line, { cwd: root, env });
  see('the output of nx manifests', stdout + stderr);
  for (const folder of ['dist', 'deploy']) {
    const path = join(import.meta.dirname, '..', folder);
    const files = await readdir(path, { recursive: true, withFileTypes: true });
    for (const file of files.filter((each) => each.isFile())) {
      const full = join(file.parentPath, file.name);
      see(full, `${await readFile(full, 'latin1')} `);
    }
  }
});
