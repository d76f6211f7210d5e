import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { defineOperation, type ServerSentEvent } from '@org/contract';
import { ServiceError } from '@org/errors';
import { waitFor } from '@org/testing';
import * as z from 'zod';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { problemOf, serve, testRuntime, type TestOptions } from '../test-fixtures/serve.ts';
import { implement, type Exchange } from './index.ts';

const order = z.object({ id: z.string(), quantity: z.int().default(1) });
const watchOrders = defineOperation({
  id: 'watchOrders',
  method: 'GET',
  path: '/events',
  summary: 'Orders as they come',
  headers: z.object({ 'last-event-id': z.string().optional() }),
  success: { status: 200, description: 'Orders', events: order },
});

type Event = ServerSentEvent<z.input<typeof order>>;
type Events = (exchange: Exchange, lastEventId: string | undefined) => AsyncIterable<Event>;

async function serveEvents(events: Events, options?: TestOptions) {
  const handler = implement(watchOrders, ({ headers }, exchange) => events(exchange, headers['last-event-id']));
  const server = await serve([handler], options);
  return Object.assign(server, { events: `${server.url}/events` });
}

/** An answer of which the text so far can be looked at. */
async function listen(url: string) {
  const request = httpGet(url, { agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const heard = { text: '', ended: false, response };
  response.setEncoding('utf8').on('data', (chunk: string) => (heard.text += chunk));
  response.on('end', () => (heard.ended = true)).on('error', () => undefined);
  return heard;
}

/** Events, and then nothing more until the call is over. */
async function* thenNothing(signal: AbortSignal, ...events: Event[]) {
  yield* events;
  await delay(2 ** 30, undefined, { signal });
}

afterEach(() => void vi.useRealTimers());

describe('server-sent events', () => {
  test('are written as the standard has them', async () => {
    await using server = await serveEvents(async function* () {
      yield { data: { id: 'a\nb\r\u2028' } };
      yield { event: 'placed', id: '7', retry: 1500, data: { id: 'b', quantity: 2, secret: 'left out' } as never };
    });
    const response = await fetch(server.events);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(await response.text()).toBe(
      'data: {"id":"a\\nb\\r\u2028","quantity":1}\n\nevent: placed\nid: 7\nretry: 1500\ndata: {"id":"b","quantity":2}\n\n',
    );
  });

  test('arrive one by one', async () => {
    const more = Promise.withResolvers<void>();
    await using server = await serveEvents(async function* () {
      yield { data: { id: 'a' } };
      await more.promise;
      yield { data: { id: 'b' } };
    });
    const heard = await listen(server.events);
    await waitFor(() => heard.text.includes('"a"'), { what: 'the first event' });
    expect(heard.text).not.toContain('"b"');
    more.resolve();
    await waitFor(() => heard.ended, { what: 'the end' });
    expect(heard.text).toContain('"b"');
  });

  test('go on behind the one that the client has seen', async () => {
    await using server = await serveEvents(async function* (_, lastEventId) {
      yield { data: { id: `after ${lastEventId}` } };
    });
    const response = await fetch(server.events, { headers: { 'last-event-id': '41' } });
    expect(await response.text()).toContain('after 41');
  });

  test('are not asked for by HEAD', async () => {
    const asked = vi.fn();
    await using server = await serveEvents(async function* () {
      asked();
      yield { data: { id: 'a' } };
    });
    const response = await fetch(server.events, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect(asked).not.toHaveBeenCalled();
  });

  test('that fail before the first are a problem document', async () => {
    await using server = await serveEvents(async function* () {
      yield await Promise.reject<Event>(new ServiceError('permission_denied', 'Not yours'));
    });
    expect(await problemOf(await fetch(server.events))).toMatchObject({ status: 403 });
  });

  test.each<[string, unknown]>([
    ['data that does not fit', { data: { id: 7 } }],
    ['no data', {}],
    ['no event', undefined],
    ['an event of two lines', { event: 'a\nb', data: { id: 'a' } }],
    ['an id of two lines', { id: 'a\rb', data: { id: 'a' } }],
    ['an id with NUL', { id: 'a\0', data: { id: 'a' } }],
    ['an id that is no text', { id: 7, data: { id: 'a' } }],
    ['half a millisecond', { retry: 0.5, data: { id: 'a' } }],
  ])('with %s break off, and are one error line', async (_, event) => {
    await using server = await serveEvents(async function* () {
      yield { data: { id: 'a' } };
      yield event as Event;
    });
    await expect(fetch(server.events).then((response) => response.text())).rejects.toThrow();
    await waitFor(() => server.logs.length > 0, { what: 'the line' });
    expect(server.logs).toMatchObject([{ level: 'error', fields: { err: { reason: 'RESPONSE_INVALID' } } }]);
  });
});

describe('a stream of events with nothing to say', () => {
  test('has its head all the same', async () => {
    await using server = await serveEvents(({ signal }) => thenNothing(signal));
    const heard = await listen(server.events);
    expect([heard.response.statusCode, heard.text]).toEqual([200, '']);
    heard.response.destroy();
  });

  test('shows every 15 seconds that it is there', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await using server = await serveEvents(({ signal }) => thenNothing(signal, { data: { id: 'a' } }));
    const heard = await listen(server.events);
    await waitFor(() => heard.text !== '', { what: 'the event' });
    vi.advanceTimersByTime(45_000);
    await waitFor(() => heard.text.endsWith('\n\n:\n\n:\n\n:\n\n'), { what: 'three heartbeats' });
    expect(vi.getTimerCount()).toBeGreaterThan(0);
    heard.response.destroy();
  });

  test('leaves no timer when its client is gone, and aborts its call', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    let signal: AbortSignal | undefined;
    await using server = await serveEvents((exchange) => {
      ({ signal } = exchange);
      return thenNothing(exchange.signal, { data: { id: 'a' } });
    });
    const idle = vi.getTimerCount();
    const heard = await listen(server.events);
    expect(vi.getTimerCount()).toBe(idle + 1);
    heard.response.destroy();
    await waitFor(() => vi.getTimerCount() === idle, { what: 'the timer to be gone' });
    expect(signal).toMatchObject({ aborted: true, reason: { reason: 'CLIENT_GONE' } });
  });
});

describe('a stop', () => {
  test('ends all streams of events at once, so that nobody waits for them', async () => {
    const warn = vi.fn();
    process.on('warning', warn);
    const runtime = testRuntime();
    const released: unknown[] = [];
    await using server = await serveEvents(
      async function* ({ signal }) {
        try {
          yield { data: { id: 'a' } };
          await delay(2 ** 30, undefined, { signal });
        } finally {
          released.push((signal.reason as ServiceError).reason);
        }
      },
      { runtime },
    );
    const clients = await Promise.all(Array.from({ length: 30 }, () => listen(server.events)));
    await waitFor(() => clients.every(({ text }) => text !== ''), { what: 'the events' });
    runtime.stop.abort();
    await server.server.drain(AbortSignal.timeout(10_000));
    await waitFor(() => clients.every(({ ended }) => ended), { what: 'the streams to end' });
    expect(released).toEqual(clients.map(() => 'STREAM_STOPPED'));
    expect(server.logs.filter(({ level }) => level !== 'info')).toEqual([]);
    process.off('warning', warn);
    expect(warn).not.toHaveBeenCalled();
  });

  test('that has begun answers with a stream that ends, for the client to come back elsewhere', async () => {
    const runtime = testRuntime();
    await using server = await serveEvents(({ signal }) => thenNothing(signal, { data: { id: 'a' } }), { runtime });
    runtime.stop.abort();
    const response = await fetch(server.events);
    expect(response.status).toBe(200);
    expect(response.headers.get('connection')).toBe('close');
    await response.text();
  });

  test('ends a stream whose source never comes to its end', async () => {
    const runtime = testRuntime();
    const never = new Promise<never>(() => {});
    const source = { next: () => never };
    await using server = await serveEvents(() => ({ [Symbol.asyncIterator]: () => source }), { runtime });
    const listening = listen(server.events);
    const heard = await listening;
    runtime.stop.abort();
    await server.server.drain(AbortSignal.timeout(10_000));
    await waitFor(() => heard.ended, { what: 'the stream to end' });
  });
});

test('a slow client holds the source of events back', async () => {
  let given = 0;
  await using server = await serveEvents(async function* () {
    for (; given < 100_000; given += 1) yield { data: { id: 'x'.repeat(10_000) } };
  });
  const request = httpGet(server.events, { agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.pause();
  let before = -1;
  await waitFor(
    () => {
      const still = given === before && given > 0;
      before = given;
      return still;
    },
    { what: 'the source to stop' },
  );
  expect(given).toBeLessThan(10_000);
  response.destroy();
});
