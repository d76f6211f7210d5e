import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers } from '@nats-io/transport-node';
import { Secret, createRotatingSecret, type Credentials } from '@org/config';
import type { Subscription } from '@org/messaging';
import {
  collectLogger,
  createCertificateAuthority,
  freePort,
  hasOpenssl,
  natsRequirement,
  openTcpProxy,
  skipUnless,
  startNats,
  temporaryDirectory,
  waitFor,
  type StartNatsOptions,
} from '@org/testing';
import { expect, test, type TestContext } from 'vitest';
import { nats } from './index.ts';
import { consumerOf, streamOf } from './names.ts';

const open = (url: string, credentials?: Secret<Credentials>, connectTimeoutMs = 5_000) =>
  nats.open({ url: new Secret(url), credentials, service: 'refused', logger: collectLogger(), connectTimeoutMs });

const pair = (username: string, password: string) => new Secret({ username, password });

async function server(context: TestContext, options?: StartNatsOptions) {
  const started = await startNats(options);
  skipUnless(context, started !== undefined, natsRequirement);
  return started;
}

const subscription: Subscription = {
  kind: 'event',
  group: 'shop',
  types: ['refusals.thing.happened.v1'],
  name: 'shop/refusals.thing.happened.v1',
  prefetch: 1,
  retryDelaysMs: [],
  ordered: false,
  timeoutMs: 1_000,
};

test('where nothing answers, it is unavailable when the time is over, and the password is nowhere', async () => {
  const port = await freePort();
  const thrown: unknown = await open(`nats://shop:hunter2@127.0.0.1:${port}`, undefined, 300).catch(
    (error: unknown) => error,
  );
  expect(thrown).toMatchObject({ code: 'unavailable', reason: 'BROKER_UNAVAILABLE' });
  expect((thrown as Error).message).not.toContain('hunter2');
});

test('user and password hold, from URL or credentials, and others are refused', async (context) => {
  const user = { username: 'shop', password: 'p@ss:w/rd' };
  await using broker = await server(context, { user });
  await using _url = await open(`nats://shop:${encodeURIComponent(user.password)}@127.0.0.1:${broker.port}`);
  await using _pair = await open(broker.url, pair(user.username, user.password));
  for (const wrong of [undefined, pair('shop', 'wrong')]) {
    await expect(open(broker.url, wrong)).rejects.toMatchObject({
      code: 'unauthenticated',
      reason: 'BROKER_CREDENTIALS_REFUSED',
    });
  }
});

test('credentials are asked for at each connection', async (context) => {
  await using broker = await server(context, { user: { username: 'shop', password: 'right' } });
  await using proxy = await openTcpProxy({ target: { port: broker.port } });
  const { secret, rotate } = createRotatingSecret({ username: 'shop', password: 'right' });
  await using transport = await open(`nats://127.0.0.1:${proxy.port}`, secret);
  rotate({ username: 'shop', password: 'wrong' });
  proxy.cut();
  await waitFor(
    async () => {
      const thrown: unknown = await transport.check(AbortSignal.timeout(500)).catch((error: unknown) => error);
      return (
        ((thrown as Error | undefined)?.cause as { reason?: string } | undefined)?.reason ===
        'BROKER_CREDENTIALS_REFUSED'
      );
    },
    { what: 'the check to say that they are refused' },
  );
  rotate({ username: 'shop', password: 'right' });
  await waitFor(() => transport.check(AbortSignal.timeout(500)).then(() => true), {
    what: 'the connection to be back',
  });
});

test('TLS holds where the authority is known, and what does not fit is said', async (context) => {
  skipUnless(context, await hasOpenssl(), { what: 'OpenSSL 3', get: 'apt-get install openssl' });
  await using directory = await temporaryDirectory();
  const authority = await createCertificateAuthority(directory.path);
  const ca = join(directory.path, 'ca.pem');
  await writeFile(ca, authority.certificate);
  await using secure = await server(context, { tls: await authority.issue() });
  await using plain = await server(context);
  await using transport = await open(`${secure.url}?ca=${ca}`);
  await transport.check(AbortSignal.timeout(2_000));
  const mismatch = { code: 'failed_precondition', reason: 'BROKER_TLS_MISMATCH' };
  await expect(open(secure.url)).rejects.toMatchObject(mismatch);
  await expect(open(`tls://127.0.0.1:${plain.port}`)).rejects.toMatchObject(mismatch);
  await using other = await server(context, { tls: await authority.issue({ names: ['elsewhere.example'] }) });
  await expect(open(`${other.url}?ca=${ca}`)).rejects.toMatchObject(mismatch);
});

test('a server without JetStream is of no use, and it is said how to have it', async (context) => {
  await using broker = await server(context, { jetStream: false });
  await expect(open(broker.url)).rejects.toMatchObject({
    code: 'failed_precondition',
    reason: 'BROKER_JETSTREAM_DISABLED',
  });
});

test('a file of credentials that is not there is said to be so', async (context) => {
  await using broker = await server(context);
  const folder = await mkdtemp(join(tmpdir(), 'nats-'));
  await expect(open(`${broker.url}?credentials=${folder}/none.creds`)).rejects.toMatchObject({
    reason: 'BROKER_FILE_UNREADABLE',
  });
  await rm(folder, { recursive: true });
  await expect(open(`${broker.url}?what=this`)).rejects.toThrow(TypeError);
});

test('a stream or a consumer that is made otherwise is explained', async (context) => {
  await using broker = await server(context);
  await using transport = await open(broker.url);
  const connection = await connect({ servers: `127.0.0.1:${broker.port}` });
  const manager = await jetstreamManager(connection);
  const name = 'events_refusals_thing_happened_v1';
  const made = { name, subjects: ['events.refusals.thing.happened.v1'], max_age: 1e9 };
  await manager.streams.add(made);
  const conflict = { code: 'failed_precondition', reason: 'TOPOLOGY_CONFLICT' };
  const subscribing = transport.subscribe(subscription, async () => ({ kind: 'acknowledge' }));
  await expect(subscribing).rejects.toMatchObject(conflict);
  await expect(subscribing).rejects.toThrow(/`max_age` is `1000000000`, and has to be `0`.*nats stream edit/);
  const { rows } = await transport.topology(
    { subscriptions: [subscription], publishes: [], answers: [] },
    AbortSignal.timeout(5_000),
  );
  expect(rows.find((row) => row.name === name)).toMatchObject({ state: 'conflict' });
  await manager.streams.delete(name);
  const running = await transport.subscribe(subscription, async () => ({ kind: 'acknowledge' }));
  await running.stop(AbortSignal.timeout(1_000));
  await connection.close();
});

test('what is larger than the broker takes is refused, and nothing was sent', async (context) => {
  await using broker = await server(context, { configuration: 'max_payload: 32KB' });
  await using transport = await open(broker.url);
  const running = await transport.subscribe(subscription, async () => ({ kind: 'acknowledge' }));
  const publishing = transport.publish({
    kind: 'event',
    type: subscription.types[0]!,
    id: '1',
    key: undefined,
    wire: { headers: {}, body: new Uint8Array(20_000) },
    unrouted: 'refuse',
    signal: AbortSignal.timeout(2_000),
  });
  await expect(publishing).rejects.toMatchObject({ reason: 'PAYLOAD_TOO_LARGE', details: { delivered: 'no' } });
  await running.stop(AbortSignal.timeout(1_000));
});

test('what only just fits is set aside; what does not fit with its failure is kept, and holds up nobody', async (context) => {
  const maximum = 32 * 1024;
  await using broker = await server(context, { configuration: 'max_payload: 32KB' });
  const logger = collectLogger();
  const options = { credentials: undefined, service: 'refused', logger, connectTimeoutMs: 5_000 };
  await using transport = await nats.open({ ...options, url: new Secret(broker.url) });
  const handled: number[] = [];
  const at = new Date().toISOString();
  const failure = { code: 'invalid_argument', message: 'No', attempts: 1, firstAt: at, lastAt: at } as const;
  const running = await transport.subscribe(subscription, async ({ wire }) => {
    handled.push(wire.body.length);
    return wire.body.length > 100 ? { kind: 'dead-letter', failure } : { kind: 'acknowledge' };
  });
  const connection = await connect({ servers: `127.0.0.1:${broker.port}` });
  const publisher = jetstream(connection);
  const sizes = [maximum - 200, maximum - 2_000, 1];
  const ofEvent = headers();
  ofEvent.set('ce-id', 'event-1');
  for (const size of sizes) {
    await publisher.publish(`events.${subscription.types[0]}`, new Uint8Array(size), { headers: ofEvent });
  }
  await waitFor(() => handled.length === sizes.length, { what: 'all of them' });
  const letters = () => transport.deadLetters(subscription);
  await waitFor(async () => (await letters().size(AbortSignal.timeout(1_000))).count === 1, {
    what: 'the dead letter',
  });
  const [letter] = await letters().list({ limit: 1, matches: () => true }, AbortSignal.timeout(1_000));
  expect(letter).toMatchObject({ id: 'event-1', failure });
  expect(logger.lines.map(({ message }) => message)).toContainEqual(expect.stringContaining('cannot be stored'));
  const manager = await jetstreamManager(connection);
  const kept = await manager.consumers.info(streamOf('event', subscription.types[0]!), consumerOf(subscription));
  expect(kept.num_ack_pending).toBe(1);
  await running.stop(AbortSignal.timeout(1_000));
  await connection.close();
});
