import { randomBytes } from 'node:crypto';
import { Secret } from '@org/config';
import type { Delivery, Outcome, Subscription, Transport } from '@org/messaging';
import { collectLogger, findRabbitmq, rabbitmqRequirement, skipUnless, waitFor, type FoundServer } from '@org/testing';
import { Connection, type Envelope, type Publisher } from 'rabbitmq-client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { withUser } from '../test-fixtures/with-user.ts';
import { rabbitmq } from './index.ts';

// What others publish, who know nothing of this library.

let server: FoundServer | undefined;
beforeAll(async () => {
  server = await findRabbitmq();
}, 90_000);
afterAll(() => server?.[Symbol.asyncDispose]());

const soon = () => AbortSignal.timeout(5_000);
let subscription: Subscription;
let transport: Transport;
let foreign: Connection;
let publisher: Publisher;

beforeEach(async (context) => {
  skipUnless(context, server !== undefined, rabbitmqRequirement);
  const group = `foreign-${randomBytes(6).toString('hex')}`;
  const type = 'foreign.thing.happened.v1';
  const rules = { prefetch: 1, retryDelaysMs: [50], ordered: false, timeoutMs: 1_000 };
  subscription = { kind: 'event', group, types: [type], name: `${group}/${type}`, ...rules };
  const options = { credentials: undefined, service: 'foreign', logger: collectLogger(), connectTimeoutMs: 5_000 };
  transport = await rabbitmq.open({ ...options, url: new Secret(server.url) });
  foreign = new Connection({ url: withUser(server.url), frameMax: 131_072 });
  publisher = foreign.createPublisher({ confirm: true });
});
afterEach(async () => {
  await transport?.[Symbol.asyncDispose]();
  await publisher?.close();
  for (const rest of ['', '/dead', '/retry/50']) await foreign?.queueDelete({ queue: `${subscription.name}${rest}` });
  await foreign?.close();
});

const publish = (envelope: Envelope, body: string) =>
  publisher.send({ routingKey: subscription.name, durable: true, ...envelope }, Buffer.from(body));

/** Decides the same of all that come, and gives how many did. */
async function consuming(decided: Outcome, count: number) {
  let seen = 0;
  return transport.subscribe(subscription, async () => (++seen <= count ? decided : { kind: 'acknowledge' }));
}

const letters = () => transport.deadLetters(subscription);
const listed = () => letters().list({ limit: 100, matches: () => true }, soon());

const at = new Date().toISOString();
const failure = { code: 'invalid_argument', message: 'No', attempts: 1, firstAt: at, lastAt: at } as const;

test('a dead letter has the id of its event or one of its own, which it keeps when others go', async () => {
  const running = await consuming({ kind: 'dead-letter', failure }, Infinity);
  for (const body of ['one', 'two', 'two']) await publish({}, body);
  await publish({ headers: { 'cloudEvents:id': 'event-1' } }, 'three');
  await waitFor(async () => (await listed()).length === 4, { what: 'the dead letters' });
  const [first, ...others] = (await listed()).map(({ id }) => id);
  expect(new Set([first, ...others]).size).toBe(4);
  expect(others[2]).toBe('event-1');
  expect(await letters().remove({ limit: 1, matches: ({ id }) => id === first }, soon())).toBe(1);
  expect((await listed()).map(({ id }) => id)).toEqual(others);
  await running.stop(soon());
});

test.each([
  ['text', 'x'.repeat(60_000)],
  ['text of many bytes', 'ż'.repeat(50_000)],
  ['a table', { inner: 'x'.repeat(60_000), count: 1 }],
])('a header that is large, %s, leads to the dead letters and back', async (_, large) => {
  const running = await consuming({ kind: 'dead-letter', failure }, 1);
  await publish({ headers: { large } }, 'one');
  await waitFor(async () => (await listed()).length === 1, { what: 'the dead letter' });
  const [letter] = await listed();
  expect(letter).toMatchObject({ failure, wire: { headers: { large } } });
  expect(await letters().redrive({ limit: 1, matches: () => true }, soon())).toBe(1);
  await expect.poll(() => running.lag(soon())).toBe(0);
  await running.stop(soon());
  expect(await listed()).toEqual([]);
});

test.each([
  ['of times', { timestamp: 2 ** 52, headers: { 'x-first-at': String(2 ** 53 - 1) } }],
  ['of attempts', { headers: { 'x-attempts': 'many', 'x-delivery-count': -1 } }],
  ['of the broker', { headers: { 'x-death': 7, 'dead-letter-last-at': 'never', 'dead-letter-code': 'sad' } }],
  ['of ids', { messageId: '', headers: { 'x-message-id': 5, 'cloudEvents:id': true } }],
])('what lies, %s, is handled as what it is', async (_, lie) => {
  const deliveries: Delivery[] = [];
  const running = await transport.subscribe(subscription, async (delivery) => {
    deliveries.push(delivery);
    return delivery.attempt === 1 ? { kind: 'retry', delayMs: 50 } : { kind: 'dead-letter', failure };
  });
  await publish(lie, 'one');
  await waitFor(async () => (await listed()).length === 1, { what: 'the dead letter' });
  await running.stop(soon());
  const [letter] = await listed();
  expect(deliveries.map(({ attempt }) => attempt)).toEqual([1, 2]);
  for (const { id, firstAt } of deliveries) {
    expect(id).toBe(letter!.id);
    expect(Math.abs(Date.now() - firstAt)).toBeLessThan(60_000);
  }
  expect(letter!.failure).toEqual(failure);
});

test.each([
  ['text', 'x'.repeat(130_800)],
  ['a table', { inner: 'x'.repeat(130_700), count: 1 }],
])('headers that leave no room, of %s, hold up nobody, and their message is set aside', async (_, large) => {
  const running = await consuming({ kind: 'dead-letter', failure }, 2);
  await publish({ headers: { large } }, 'one');
  await publish({}, 'two');
  await waitFor(async () => (await listed()).length === 2, { what: 'the dead letters' });
  const letter = (await listed()).find(({ wire }) => wire.headers.large !== undefined);
  expect(letter).toMatchObject({ failure: { code: 'unknown', attempts: 1 }, wire: { headers: { large } } });
  expect(letter!.failure.message).toContain('no room');
  expect(Date.now() - Date.parse(letter!.failure.lastAt)).toBeLessThan(60_000);
  await running.stop(soon());
});
