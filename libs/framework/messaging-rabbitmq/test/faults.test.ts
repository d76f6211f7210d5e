import { join } from 'node:path';
import { createRotatingSecret, type Credentials } from '@org/config';
import { each } from '@org/messaging/conformance';
import {
  createCertificateAuthority,
  hasOpenssl,
  openTcpProxy,
  rabbitmqRequirement,
  skipUnless,
  startProcess,
  startRabbitmq,
  temporaryDirectory,
  waitFor,
  type IssuedCertificate,
  type RabbitmqServer,
  type TcpProxy,
} from '@org/testing';
import { writeFile } from 'node:fs/promises';
import { Connection } from 'rabbitmq-client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { withUser } from '../test-fixtures/with-user.ts';
import { allHandled, createWorld, rejection } from './world.ts';

const stack = new AsyncDisposableStack();
let server: RabbitmqServer | undefined;
let authorityFile: string;

beforeAll(async () => {
  const { path } = stack.use(await temporaryDirectory());
  authorityFile = join(path, 'trusted.pem');
  let tls: IssuedCertificate | undefined;
  if (await hasOpenssl()) {
    const authority = await createCertificateAuthority(path);
    await writeFile(authorityFile, authority.certificate);
    tls = await authority.issue();
  }
  server = await startRabbitmq({ ...(tls && { tls }) });
  if (server) stack.use(server);
}, 180_000);
afterAll(() => stack.disposeAsync());
beforeEach((context) => skipUnless(context, server !== undefined, rabbitmqRequirement));

const proxied = (proxy: TcpProxy) => ({ url: `amqp://127.0.0.1:${proxy.port}` });
const openProxy = () => openTcpProxy({ target: { port: server!.port } });
/** Whoever deletes what services need. */
function openOperator() {
  const connection = new Connection(withUser(server!.url));
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}
const quick = { publishTimeoutMs: 1_000 };

test(
  'a broker that is killed and started again under load loses none of 100,000 confirmed messages',
  { timeout: 150_000 },
  async () => {
    await using world = createWorld();
    const [count, concurrency, prefetch] = [100_000, 500, 200];
    const publisher = await world.broker(server!, { publishTimeoutMs: 2_000 });
    await world.consume(await world.broker(server!), { concurrency: prefetch, retryDelaysMs: Array(20).fill(100) });
    const publishing = each(count, concurrency, (number) => world.publishSurely(publisher, number));
    await waitFor(() => world.handled.size > count / 4, { what: 'a quarter of them', timeoutMs: 60_000 });
    await server!.kill();
    const before = world.handled.size;
    await server!.restart();
    const restartedAt = performance.now();
    await waitFor(() => world.handled.size > before + prefetch, { what: 'consumers to be back', timeoutMs: 20_000 });
    const backAfterMs = performance.now() - restartedAt;
    await publishing;
    const twice = await allHandled(world, count, 60_000);
    const { times, perhapsDelivered } = world.inVain();
    console.log(
      `100,000 confirmed over a SIGKILL: ${twice} twice, ${times} sent in vain, consumers back after ${Math.round(backAfterMs)} ms`,
    );
    // Twice come those whose confirmation or whose acknowledgement was lost, and no others.
    expect(twice).toBeLessThanOrEqual(perhapsDelivered + prefetch);
    expect(backAfterMs).toBeLessThan(15_000);
  },
);

test('a broker that stands still is waited for no longer than may be, and goes on where it was', async () => {
  await using world = createWorld();
  const publisher = await world.broker(server!, quick);
  const consumer = await world.broker(server!);
  await world.consume(consumer);
  await world.publishSurely(publisher, 1);
  await server!.freeze();
  try {
    const refused = await rejection(publisher.publish(world.happened, { number: 2 }));
    expect(refused).toMatchObject({
      code: 'unavailable',
      reason: 'PUBLISH_UNCONFIRMED',
      details: { delivered: 'maybe' },
    });
    const list = consumer.ops?.find(({ method, path }) => `${method} ${path}` === 'GET /dead-letters');
    const asked = {
      method: 'GET',
      path: '/dead-letters',
      parameters: {},
      query: new URLSearchParams(),
      body: undefined,
    };
    const looking = list!.handle({ ...asked, signal: AbortSignal.timeout(300) });
    expect(await rejection(looking as Promise<unknown>)).toMatchObject({ reason: 'BROKER_UNAVAILABLE' });
  } finally {
    await server!.thaw();
  }
  await world.publishSurely(publisher, 3);
  expect(await allHandled(world, 3)).toBe(0);
});

test(
  'while its memory alarm blocks publishing, that fails in time and consumers go on',
  { timeout: 60_000 },
  async () => {
    await using world = createWorld();
    const publisher = await world.broker(server!, quick);
    const blockedToo = await world.broker(server!, quick);
    const consumer = await world.broker(server!);
    const first = await world.consume(consumer);
    await first[Symbol.asyncDispose]();
    await each(20, 5, (number) => world.publishSurely(publisher, number));
    await server!.alarm(true);
    try {
      // The broker tells of the alarm only whoever publishes.
      await waitFor(
        async () =>
          (await rejection(publisher.publish(world.happened, { number: 21 }, { id: '21' }))).details?.delivered ===
          'no',
        {
          what: 'publishing to be refused',
        },
      );
      const refused = await rejection(publisher.publish(world.happened, { number: 22 }));
      expect(refused).toMatchObject({ reason: 'BROKER_UNAVAILABLE', details: { delivered: 'no' } });
      expect(refused.message).toContain('takes no messages (low on memory)');
      expect(await rejection(publisher.check(AbortSignal.timeout(1_000)))).toMatchObject({ code: 'unavailable' });
      await world.consume(consumer);
      await waitFor(() => world.handled.size >= 20, { what: 'what was there before' });
      // Closing does not wait for the alarm to end.
      await rejection(blockedToo.publish(world.happened, { number: 21 }, { id: '21' }));
      const startedAt = performance.now();
      await blockedToo[Symbol.asyncDispose]();
      expect(performance.now() - startedAt).toBeLessThan(4_000);
    } finally {
      await server!.alarm(false);
    }
    await world.publishSurely(publisher, 22);
    await waitFor(() => world.handled.has(22), { what: 'the next message' });
    await publisher.check(AbortSignal.timeout(1_000));
  },
);

test('a message whose confirmation is cut off may have arrived, and the next attempt is a duplicate at most', async () => {
  await using proxy = await openProxy();
  await using world = createWorld();
  const publisher = await world.broker(proxied(proxy));
  await world.consume(await world.broker(server!));
  await world.publishSurely(publisher, 1);
  const sent = proxy.counts.bytes['to-target'];
  proxy.stop('to-client');
  const publishing = rejection(publisher.publish(world.happened, { number: 2 }, { id: '2' }));
  await waitFor(() => proxy.counts.bytes['to-target'] > sent + 200, { what: 'the message to be sent' });
  await waitFor(() => world.handled.has(2), { what: 'the message' });
  proxy.pass();
  proxy.cut();
  expect(await publishing).toMatchObject({ reason: 'PUBLISH_UNCONFIRMED', details: { delivered: 'maybe' } });
  await world.publishSurely(publisher, 2);
  await waitFor(() => world.handled.get(2) === 2, { what: 'the duplicate' });
  expect(await allHandled(world, 2)).toBe(1);
});

test('a message whose acknowledgement is cut off comes again, with its attempts counted', async () => {
  await using proxy = await openProxy();
  await using world = createWorld();
  const publisher = await world.broker(server!);
  const attempts: number[] = [];
  await world.consume(await world.broker(proxied(proxy)), {}, ({ attempt }) => {
    attempts.push(attempt);
    if (attempts.length === 1) proxy.stop('to-target');
  });
  await world.publishSurely(publisher, 1);
  await waitFor(() => attempts.length === 1, { what: 'the first delivery' });
  proxy.cut();
  proxy.pass();
  await waitFor(() => attempts.length === 2, { what: 'the second delivery' });
  expect(attempts).toEqual([1, 2]);
  await world.publishSurely(publisher, 2);
  expect(await allHandled(world, 2)).toBe(1);
});

test('connections that are cut again and again under load lose nothing', { timeout: 60_000 }, async () => {
  await using proxy = await openProxy();
  await using world = createWorld();
  const [count, concurrency, prefetch, cuts] = [3_000, 50, 50, 5];
  const publisher = await world.broker(proxied(proxy));
  await world.consume(await world.broker(proxied(proxy)), {
    concurrency: prefetch,
    retryDelaysMs: Array(20).fill(100),
  });
  const publishing = each(count, concurrency, (number) => world.publishSurely(publisher, number));
  for (let cut = 1; cut <= cuts; cut += 1) {
    await waitFor(() => world.handled.size >= (count / (cuts + 1)) * cut, { what: 'some progress' });
    proxy.cut();
  }
  await publishing;
  const twice = await allHandled(world, count);
  expect(twice).toBeLessThanOrEqual((concurrency + prefetch) * cuts);
});

test('connections that are half-open are given up and made again, within seconds', { timeout: 60_000 }, async () => {
  await using proxy = await openProxy();
  await using world = createWorld();
  const publisher = await world.broker(proxied(proxy), quick);
  await world.consume(await world.broker(proxied(proxy)));
  await world.publishSurely(publisher, 1);
  await waitFor(() => world.handled.has(1), { what: 'the first message' });
  expect(proxy.strand()).toBeGreaterThanOrEqual(3);
  const startedAt = performance.now();
  await world.publishSurely(publisher, 2);
  await allHandled(world, 2);
  expect(performance.now() - startedAt).toBeLessThan(25_000);
});

test('consumers are back when their queue was deleted', async () => {
  await using world = createWorld();
  await using operator = openOperator();
  const publisher = await world.broker(server!);
  await world.consume(await world.broker(server!));
  await world.publishSurely(publisher, 1);
  await waitFor(() => world.handled.has(1), { what: 'the first message' });
  await operator.queueDelete({ queue: world.queue });
  await waitFor(() => publisher.publish(world.happened, { number: 2 }).then(() => true), { what: 'the queue' });
  await waitFor(() => world.handled.has(2), { what: 'the second message' });
});

test('when the exchange was deleted, publishing says that nobody has a queue until consumers start again', async () => {
  await using world = createWorld();
  await using operator = openOperator();
  const publisher = await world.broker(server!);
  const consumers = await world.consume(await world.broker(server!));
  await operator.exchangeDelete({ exchange: 'events' });
  const refused = () => rejection(publisher.publish(world.happened, { number: 1 }));
  await waitFor(async () => (await refused()).reason === 'MESSAGE_UNROUTABLE', { what: 'publishing to be refused' });
  await consumers[Symbol.asyncDispose]();
  await world.consume(await world.broker(server!));
  await world.publishSurely(publisher, 1);
  await waitFor(() => world.handled.has(1), { what: 'the message' });
});

test('a message whose rung was deleted is tried again nevertheless', async () => {
  await using world = createWorld();
  await using operator = openOperator();
  const broker = await world.broker(server!);
  await world.consume(broker, {}, async ({ attempt }) => {
    if (attempt > 1) return;
    await operator.queueDelete({ queue: `${world.queue}/retry/100` });
    throw new Error('the first attempt fails');
  });
  await world.publishSurely(broker, 1);
  await waitFor(() => world.handled.get(1) === 2, { what: 'the second attempt' });
});

test('a message whose consumer is killed in its handler comes again', async () => {
  await using world = createWorld();
  const broker = await world.broker(server!);
  const early = await world.consume(broker);
  await early[Symbol.asyncDispose]();
  const script = join(import.meta.dirname, 'hanging-consumer.ts');
  await using process = await startProcess(script, [server!.url, world.queue]);
  await process.line('consuming', { timeoutMs: 20_000 });
  await world.publishSurely(broker, 1);
  await process.line('delivered');
  process.kill('SIGKILL');
  const attempts: number[] = [];
  await world.consume(broker, {}, ({ attempt }) => attempts.push(attempt));
  await waitFor(() => attempts.length > 0, { what: 'the message' });
  expect(attempts).toEqual([2]);
});

test('user and password are asked for anew at each connection', { timeout: 60_000 }, async () => {
  await using proxy = await openProxy();
  await using world = createWorld();
  await server!.control('add_user', 'rotating', 'one');
  await server!.control('set_permissions', 'rotating', '.*', '.*', '.*');
  const { secret: credentials, rotate } = createRotatingSecret<Credentials>({ username: 'rotating', password: 'one' });
  const broker = await world.broker({ ...proxied(proxy), credentials });
  await world.consume(broker);
  await server!.control('change_password', 'rotating', 'two');
  rotate({ username: 'rotating', password: 'two' });
  expect(proxy.cut()).toBeGreaterThanOrEqual(2);
  await world.publishSurely(broker, 1);
  await allHandled(world, 1);
  // What it may not do is told at once, and not tried for ever.
  await server!.control('clear_permissions', 'rotating');
  const refused = await rejection(world.broker({ url: server!.url, credentials }));
  expect(refused).toMatchObject({ code: 'permission_denied', reason: 'BROKER_ACCESS_DENIED' });
});

test('over TLS the broker has to be one that is trusted, and the URL has to fit', async (context) => {
  skipUnless(context, await hasOpenssl(), { what: 'OpenSSL', get: 'apt-get install openssl' });
  await using world = createWorld();
  const untrusted = await rejection(world.broker({ url: `amqps://localhost:${server!.tlsPort}` }));
  expect(untrusted).toMatchObject({ code: 'failed_precondition', reason: 'BROKER_TLS_MISMATCH' });
  expect(untrusted.message).toContain('NODE_EXTRA_CA_CERTS');
  const plain = await rejection(world.broker({ url: `amqp://127.0.0.1:${server!.tlsPort}` }));
  expect(plain).toMatchObject({ code: 'failed_precondition', reason: 'BROKER_TLS_MISMATCH' });
  expect(plain.message).toContain('Write `amqps:` instead of `amqp:`');
  const script = join(import.meta.dirname, 'hanging-consumer.ts');
  const env = { NODE_EXTRA_CA_CERTS: authorityFile };
  await using trusting = await startProcess(script, [`amqps://localhost:${server!.tlsPort}`, world.queue], { env });
  await trusting.line('consuming', { timeoutMs: 20_000 });
});
