import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Secret, type Credentials } from '@org/config';
import type { ServiceError } from '@org/errors';
import type { Subscription, Transport } from '@org/messaging';
import { collectLogger, findRabbitmq, freePort, rabbitmqRequirement, skipUnless, type FoundServer } from '@org/testing';
import { Connection } from 'rabbitmq-client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withUser } from '../test-fixtures/with-user.ts';
import { rabbitmq } from './index.ts';

let server: FoundServer | undefined;
beforeAll(async () => {
  server = await findRabbitmq();
}, 90_000);
afterAll(() => server?.[Symbol.asyncDispose]());

const open = (
  url: string,
  { credentials, connectTimeoutMs = 5_000 }: { credentials?: Credentials; connectTimeoutMs?: number } = {},
) =>
  rabbitmq.open({
    url: new Secret(url),
    credentials: credentials && new Secret(credentials),
    service: 'refusals',
    logger: collectLogger(),
    connectTimeoutMs,
  });
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error as ServiceError,
  );
const changed = (change: (url: URL) => void) => {
  const url = new URL(withUser(server!.url).replace('amqp:', 'http:'));
  change(url);
  return url.toString().replace(/^http:/, 'amqp:');
};

describe('opening', () => {
  beforeEach((context) => skipUnless(context, server !== undefined, rabbitmqRequirement));

  test('a wrong password is named as what it is, and is not shown', async () => {
    const credentials = { username: 'guest', password: 'hunter2' };
    const error = await refusal(open(server!.url, { credentials }));
    expect(error).toMatchObject({ code: 'unauthenticated', reason: 'BROKER_CREDENTIALS_REFUSED' });
    expect(error!.message).toMatch(
      /^Cannot connect to RabbitMQ at amqp:\/\/guest@.*refuses user `guest` or the password/,
    );
    expect(error!.message).not.toContain('hunter2');
  });

  test('a virtual host that is not there is named', async () => {
    const error = await refusal(open(changed((url) => (url.pathname = '/not%2Fthere'))));
    expect(error).toMatchObject({ code: 'failed_precondition', reason: 'BROKER_VIRTUAL_HOST_UNKNOWN' });
    expect(error!.message).toContain('no virtual host `not/there`');
  });

  test('a port that speaks no TLS is told from one that is not there', async () => {
    const error = await refusal(
      open(
        changed(() => {})
          .replace('amqp:', 'amqps:')
          .replace(/(@[^:/]+)(\/?)$/, '$1:5672$2'),
      ),
    );
    expect(error).toMatchObject({ code: 'failed_precondition', reason: 'BROKER_TLS_MISMATCH' });
    expect(error!.message).toContain('Write `amqp:` instead of `amqps:`');
  });
});

test('where nothing answers, that is said when the time is over', async () => {
  const startedAt = performance.now();
  const error = await refusal(open(`amqp://127.0.0.1:${await freePort()}`, { connectTimeoutMs: 700 }));
  expect(error).toMatchObject({ code: 'unavailable', reason: 'BROKER_UNAVAILABLE' });
  expect(error!.message).toContain('ECONNREFUSED');
  expect(performance.now() - startedAt).toBeGreaterThan(600);
});

test.each([
  ['NATS', 'INFO {"server_id":"NX","version":"2.9.10"}\r\n'],
  ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ['noise', '\xff'.repeat(100)],
])('what speaks %s is refused as what it is', async (_, greeting) => {
  const other = createServer((socket) => socket.on('error', () => undefined).write(greeting, 'latin1'));
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const { port } = other.address() as AddressInfo;
  const error = await refusal(open(`amqp://127.0.0.1:${port}`, { connectTimeoutMs: 300 }));
  expect(error).toMatchObject({ code: 'unavailable', reason: 'BROKER_UNAVAILABLE' });
  expect(error!.message).toContain('does not speak AMQP');
  other.close();
});

test('a URL that says what nobody reads is misuse', async () => {
  await expect(open('amqp://localhost?heartbeat=3')).rejects.toThrow(TypeError);
});

describe('what is there and made otherwise', () => {
  const group = `g${randomBytes(6).toString('hex')}`;
  const type = 'refusals.thing.happened.v1';
  const name = `${group}/${type}`;
  const rules = { prefetch: 1, retryDelaysMs: [100], timeoutMs: 1_000 };
  const subscription: Subscription = { kind: 'event', group, types: [type], name, ordered: false, ...rules };
  let transport: Transport | undefined;

  beforeEach(async (context) => {
    skipUnless(context, server !== undefined, rabbitmqRequirement);
    transport ??= await open(server.url);
  });
  afterAll(async () => {
    await transport?.[Symbol.asyncDispose]();
    if (!server) return;
    const operator = new Connection(withUser(server.url));
    for (const queue of [name, `${name}/dead`, `${name}/retry/100`]) await operator.queueDelete({ queue });
    await operator.close();
  });

  test('is a conflict that says in what it differs and what to do', async () => {
    const running = await transport!.subscribe(subscription, async () => ({ kind: 'acknowledge' }));
    await running.stop(AbortSignal.timeout(1_000));
    const error = await refusal(
      transport!.subscribe({ ...subscription, ordered: true }, async () => ({ kind: 'acknowledge' })),
    );
    expect(error).toMatchObject({ code: 'failed_precondition', reason: 'TOPOLOGY_CONFLICT' });
    expect(error!.message).toBe(
      `Cannot subscribe to \`${name}\`: queue \`${name}\` is there already, and made otherwise: its \`x-single-active-consumer\` is not set there, and has to be \`true\`. Let it run empty, delete it (\`rabbitmqctl delete_queue ${name}\`) and start the service again, which makes it anew; or go back to the options that it was made with`,
    );
  });

  test('stands as a conflict in the topology', async () => {
    const wanted = { subscriptions: [{ ...subscription, ordered: true }], publishes: [], answers: [] };
    const { rows } = await transport!.topology(wanted, AbortSignal.timeout(5_000));
    expect(rows.find((row) => row.name === name)).toMatchObject({ kind: 'queue', state: 'conflict' });
    expect(rows.find((row) => row.name === `${name}/dead`)).toMatchObject({ kind: 'queue', state: 'present' });
  });

  test.each([
    ['a header that is too large', { headers: { baggage: 'x'.repeat(130_000) }, body: Buffer.alloc(0) }],
    ['a content type that is too long', { headers: { 'content-type': 'x'.repeat(300) }, body: Buffer.alloc(0) }],
  ])('%s is refused, and the connection goes on', async (_, wire) => {
    const message = { kind: 'event', type, id: 'x', key: undefined, unrouted: 'refuse' } as const;
    const signal = AbortSignal.timeout(5_000);
    const error = await refusal(transport!.publish({ ...message, wire, signal }));
    expect(error).toMatchObject({ code: 'invalid_argument', reason: 'PAYLOAD_TOO_LARGE' });
    const id = 'ż'.repeat(200);
    await transport!.publish({ ...message, id, wire: { headers: {}, body: Buffer.from('{}') }, signal });
    const ids: (string | undefined)[] = [];
    const running = await transport!.subscribe(subscription, async (delivery) => {
      ids.push(delivery.id);
      return { kind: 'acknowledge' };
    });
    await expect.poll(() => ids).toEqual([id]);
    await running.stop(AbortSignal.timeout(1_000));
  });
});
