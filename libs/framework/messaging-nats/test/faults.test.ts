import { randomUUID } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Secret } from '@org/config';
import type { Delivery, Outcome, OutgoingMessage, Subscription, Transport } from '@org/messaging';
import { createLedger, each } from '@org/messaging/conformance';
import {
  collectLogger,
  natsRequirement,
  openTcpProxy,
  skipUnless,
  startNats,
  startProcess,
  waitFor,
  type NatsServer,
} from '@org/testing';
import { expect, test, type TestContext } from 'vitest';
import { nats } from '../src/index.ts';
import { consumerOf, streamOf } from '../src/names.ts';

const type = 'faults.thing.happened.v1';
const acknowledge: Outcome = { kind: 'acknowledge' };

const open = (port: number) =>
  nats.open({
    url: new Secret(`nats://127.0.0.1:${port}`),
    credentials: undefined,
    service: 'faults',
    logger: collectLogger(),
    connectTimeoutMs: 10_000,
  });

const subscription = (given: Partial<Subscription> = {}): Subscription => ({
  kind: 'event',
  group: 'shop',
  types: [type],
  name: `shop/${type}`,
  prefetch: 100,
  retryDelaysMs: Array.from({ length: 50 }, () => 50),
  ordered: false,
  timeoutMs: 30_000,
  ...given,
});

const message = (id: string, timeoutMs = 60_000): OutgoingMessage => ({
  kind: 'event',
  type,
  id,
  key: undefined,
  wire: { headers: { 'content-type': 'application/json' }, body: Buffer.from('{"number":1}') },
  unrouted: 'refuse',
  signal: AbortSignal.timeout(timeoutMs),
});

/** Counts what was confirmed and what was handled. */
function createCounts() {
  const ledger = createLedger<string>();
  return {
    ...ledger,
    handle: async ({ id }: Delivery): Promise<Outcome> => {
      ledger.handle(id);
      return acknowledge;
    },
    publish: (transport: Transport, count: number, atATime = 200) =>
      each(count, atATime, () => {
        const id = randomUUID();
        return ledger.publish(id, () => transport.publish(message(id)));
      }),
    async expectAll(what: string, duplicates: number) {
      await waitFor(() => ledger.missing() === 0, { what: `all of what was confirmed: ${what}`, timeoutMs: 60_000 });
      expect(ledger.duplicates()).toBeLessThanOrEqual(duplicates);
    },
  };
}

async function server(context: TestContext): Promise<NatsServer> {
  const started = await startNats();
  skipUnless(context, started !== undefined, natsRequirement);
  return started;
}

test('a broker that is killed and started again under load loses nothing', { timeout: 180_000 }, async (context) => {
  await using broker = await server(context);
  await using publisher = await open(broker.port);
  await using consumer = await open(broker.port);
  const ledger = createCounts();
  await consumer.subscribe(subscription(), ledger.handle);
  const count = 100_000;
  const publishing = ledger.publish(publisher, count, 500);
  const kills = 3;
  for (let kill = 1; kill <= kills; kill += 1) {
    const mark = (count / (kills + 1)) * kill;
    await waitFor(() => ledger.handled.size > mark, { what: 'progress', timeoutMs: 60_000, intervalMs: 10 });
    await broker.kill();
    await broker.restart();
    const before = ledger.handled.size;
    const backFrom = performance.now();
    await waitFor(() => ledger.handled.size > before + 100, { what: 'the consumers to be back' });
    expect(performance.now() - backFrom).toBeLessThan(5_000);
  }
  await publishing;
  expect(ledger.confirmed.size).toBe(count);
  // The server forgets, each time, what it had not written of acknowledgements yet.
  await ledger.expectAll('after the kills', kills * 5_000);
  console.log(`${count} confirmed, ${ledger.duplicates()} duplicates`);
});

test('a broker that is stopped and goes on loses nothing, and who publishes meanwhile is told', async (context) => {
  await using broker = await server(context);
  await using publisher = await open(broker.port);
  await using consumer = await open(broker.port);
  const ledger = createCounts();
  await consumer.subscribe(subscription(), ledger.handle);
  await ledger.publish(publisher, 500);
  await broker.freeze();
  const startedAt = performance.now();
  await expect(publisher.publish(message('while-stopped', 1_000))).rejects.toMatchObject({
    code: 'unavailable',
    reason: 'PUBLISH_UNCONFIRMED',
    details: { delivered: 'maybe' },
  });
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  // It takes a while until the silence is noticed; from then on nothing is sent.
  await waitFor(async () => (await failureOf(publisher.publish(message('x', 100)))) === 'BROKER_UNAVAILABLE', {
    what: 'the lost connection to be noticed',
    timeoutMs: 15_000,
  });
  await expect(publisher.check(AbortSignal.timeout(1_000))).rejects.toMatchObject({ code: 'unavailable' });
  const looking = consumer
    .deadLetters(subscription())
    .list({ limit: 1, matches: () => true }, AbortSignal.timeout(300));
  await expect(looking).rejects.toMatchObject({ code: 'unavailable', reason: 'BROKER_UNAVAILABLE' });
  await broker.thaw();
  await ledger.publish(publisher, 500);
  await ledger.expectAll('after it went on', 200);
});

test('connections that are cut under load lose nothing', { timeout: 40_000 }, async (context) => {
  await using broker = await server(context);
  await using toPublisher = await openTcpProxy({ target: { port: broker.port } });
  await using toConsumer = await openTcpProxy({ target: { port: broker.port } });
  await using publisher = await open(toPublisher.port);
  await using consumer = await open(toConsumer.port);
  const ledger = createCounts();
  await consumer.subscribe(subscription(), ledger.handle);
  const publishing = ledger.publish(publisher, 10_000);
  for (let cut = 1; cut <= 8; cut += 1) {
    await waitFor(() => ledger.handled.size > 1_000 * cut, { what: 'progress', timeoutMs: 15_000, intervalMs: 5 });
    toPublisher.cut();
    toConsumer.cut();
  }
  await publishing;
  expect(ledger.confirmed.size).toBe(10_000);
  await ledger.expectAll('after the cuts', 8 * 100);
});

test('a confirmation that is lost on its way is asked for again, and the message is stored once', async (context) => {
  await using broker = await server(context);
  await using proxy = await openTcpProxy({ target: { port: broker.port } });
  await using publisher = await open(proxy.port);
  await using consumer = await open(broker.port);
  const ledger = createCounts();
  await consumer.subscribe(subscription(), ledger.handle);
  proxy.stop('to-client');
  const publishing = publisher.publish(message('once'));
  await waitFor(() => ledger.handled.has('once'), { what: 'the message' });
  proxy.cut();
  proxy.pass();
  await publishing;
  await publisher.publish(message('twice'));
  await waitFor(() => ledger.handled.has('twice'), { what: 'the next message' });
  expect(ledger.handled.get('once')).toBe(1);
});

test(
  'a connection that is half-open is noticed, and its messages are handled',
  { timeout: 40_000 },
  async (context) => {
    await using broker = await server(context);
    await using proxy = await openTcpProxy({ target: { port: broker.port } });
    await using publisher = await open(broker.port);
    await using consumer = await open(proxy.port);
    const ledger = createCounts();
    await consumer.subscribe(subscription(), ledger.handle);
    await ledger.publish(publisher, 100);
    proxy.stop();
    await ledger.publish(publisher, 100);
    await waitFor(async () => (await failureOf(consumer.check(AbortSignal.timeout(200)))) === 'BROKER_UNAVAILABLE', {
      what: 'the check to fail',
    });
    await waitFor(() => proxy.counts.connections > 1, { what: 'a new connection', timeoutMs: 15_000 });
    proxy.cut();
    proxy.pass();
    await ledger.expectAll('after the half-open connection', 200);
  },
);

test('an acknowledgement that does not arrive makes no second work, when its consumer comes back', async (context) => {
  await using broker = await server(context);
  await using proxy = await openTcpProxy({ target: { port: broker.port } });
  await using publisher = await open(broker.port);
  await using consumer = await open(proxy.port);
  const ledger = createCounts();
  await consumer.subscribe(subscription({ prefetch: 1 }), async (delivery) => {
    // Between delivery and acknowledgement.
    if (delivery.id === 'cut') proxy.cut();
    return ledger.handle(delivery);
  });
  await publisher.publish(message('cut'));
  await waitFor(() => ledger.handled.has('cut'), { what: 'the message' });
  await publisher.publish(message('next'));
  await ledger.expectAll('after the cut', 0);
  await waitFor(() => ledger.handled.has('next'), { what: 'the next message', timeoutMs: 15_000 });
  expect(ledger.handled.get('cut')).toBe(1);
});

test.for(['consumer', 'stream'])(
  'a %s that is deleted is made again, and consuming goes on',
  { timeout: 40_000 },
  async (what, context) => {
    await using broker = await server(context);
    await using publisher = await open(broker.port);
    await using consumer = await open(broker.port);
    const ledger = createCounts();
    await consumer.subscribe(subscription(), ledger.handle);
    await ledger.publish(publisher, 1_000);
    await ledger.expectAll('before', 0);
    const publishing = ledger.publish(publisher, 20_000);
    await waitFor(() => ledger.handled.size > 3_000, { what: 'progress', intervalMs: 5 });
    const connection = await connect({ servers: `127.0.0.1:${broker.port}` });
    const manager = await jetstreamManager(connection);
    const deletedAt = performance.now();
    const lostWithIt = new Set(ledger.confirmed);
    if (what === 'consumer') await manager.consumers.delete(streamOf('event', type), consumerOf(subscription()));
    else await manager.streams.delete(streamOf('event', type));
    for (const id of ledger.confirmed) lostWithIt.add(id);
    const before = ledger.handled.size;
    await waitFor(() => ledger.handled.size > before + 100, { what: 'consuming to go on' });
    expect(performance.now() - deletedAt).toBeLessThan(5_000);
    await publishing;
    await connection.close();
    if (what === 'consumer') return await ledger.expectAll('after the consumer was deleted', 200);
    // What the stream held is gone with it; all that was confirmed since is handled.
    const since = [...ledger.confirmed].filter((id) => !lostWithIt.has(id));
    expect(since.length).toBeGreaterThan(1_000);
    await waitFor(() => since.every((id) => ledger.handled.has(id)), { what: 'all since', timeoutMs: 15_000 });
  },
);

test('what a long handler has stays with it, longer than the server waits', { timeout: 30_000 }, async (context) => {
  await using broker = await server(context);
  await using transport = await open(broker.port);
  const attempts: number[] = [];
  const { promise: ended, resolve: end } = Promise.withResolvers<Outcome>();
  await transport.subscribe(subscription({ prefetch: 2 }), ({ attempt }) => {
    attempts.push(attempt);
    return ended;
  });
  const startedAt = performance.now();
  await transport.publish(message('long'));
  await waitFor(() => performance.now() - startedAt > 9_000, { what: 'half as long again', timeoutMs: 20_000 });
  end(acknowledge);
  expect(attempts).toEqual([1]);
});

test('a consumer that is killed in its handler loses nothing', { timeout: 40_000 }, async (context) => {
  await using broker = await server(context);
  await using publisher = await open(broker.port);
  const ledger = createCounts();
  // It takes as many as it may, says which, and ends with none of them.
  const script = `
    import { Secret } from '@org/config';
    import { collectLogger } from '@org/testing';
    import { nats } from '@org/messaging-nats';
    const url = new Secret('${broker.url}');
    const transport = await nats.open({ url, service: 'dies', logger: collectLogger(), connectTimeoutMs: 5_000 });
    await transport.subscribe(${JSON.stringify(subscription({ prefetch: 20 }))}, async ({ id }) => {
      console.log('took ' + id);
      await new Promise(() => {});
    });
    console.log('ready');`;
  await using dying = await startProcess(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
  });
  await dying.line('ready');
  await ledger.publish(publisher, 500);
  await waitFor(() => dying.stdout.match(/took/g)?.length === 20, { what: 'what it takes' });
  dying.kill('SIGKILL');
  await dying.exit;
  await using consumer = await open(broker.port);
  const attempts = new Map<string, number>();
  await consumer.subscribe(subscription(), (delivery) => {
    attempts.set(delivery.id, delivery.attempt);
    return ledger.handle(delivery);
  });
  await ledger.expectAll('after its death', 0);
  const again = [...attempts.values()].filter((attempt) => attempt > 1);
  expect(again).toHaveLength(20);
});

async function failureOf(work: Promise<unknown>): Promise<string | undefined> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  return (thrown as { reason?: string } | undefined)?.reason;
}
