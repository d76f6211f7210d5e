import { currentCall } from '@org/context';
import { defineOperation, type Operation } from '@org/contract';
import { recordTelemetry, type RecordedTelemetry } from '@org/telemetry/testing';
import { rawRequest, waitFor } from '@org/testing';
import { SpanKind, SpanStatusCode, propagation, trace } from '@opentelemetry/api';
import * as z from 'zod';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { json, serve } from '../test-fixtures/serve.ts';
import { created, implement, type Handler, type Route } from './index.ts';

let recorded: RecordedTelemetry;
beforeEach(async () => {
  recorded = await recordTelemetry();
});
afterEach(() => recorded[Symbol.asyncDispose]());

const order = z.object({ id: z.string() });
const getOrder = defineOperation({
  id: 'getOrder',
  method: 'GET',
  path: '/orders/:id',
  summary: 'One order',
  success: { status: 200, description: 'The order', body: order },
});
const placeOrder = defineOperation({
  id: 'placeOrder',
  method: 'POST',
  path: '/orders',
  summary: 'Place an order',
  body: order,
  success: { status: 201, description: 'The order', body: order },
});

const routes = (handler: (input: { params: { id: string } }) => unknown = ({ params }) => params): Route[] => [
  implement(getOrder, handler as Handler<GetOrder>),
  implement(placeOrder, ({ body }) => created(`/orders/${body.id}`, body)),
];

type GetOrder = typeof getOrder extends Operation<infer Types> ? Types : never;

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${parentId}-01`;

async function finishedSpans(count: number) {
  await waitFor(() => recorded.spans.length === count, { what: `${count} spans` });
  return recorded.spans;
}

async function durations() {
  return (await recorded.measure())['http.server.request.duration'];
}

describe('a request', () => {
  test('is a server span by the semantic conventions, in the trace of its caller', async () => {
    await using server = await serve(routes());
    const headers = { traceparent, tracestate: 'vendor=1', 'user-agent': 'tests' };
    await fetch(`${server.url}/orders?token=hunter2`, json({ id: 'a' }, headers));
    const [span] = await finishedSpans(1);
    expect(span).toMatchObject({ name: 'POST /orders', kind: SpanKind.SERVER, status: { code: SpanStatusCode.UNSET } });
    expect(span?.spanContext()).toMatchObject({ traceId });
    expect(span?.spanContext().traceState?.serialize()).toBe('vendor=1');
    expect(span?.parentSpanContext).toMatchObject({ spanId: parentId, isRemote: true });
    expect(span?.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/orders',
      'http.response.status_code': 201,
      'url.path': '/orders',
      'url.scheme': 'http',
      'server.address': '127.0.0.1',
      'server.port': server.server.port,
      'client.address': '127.0.0.1',
      'network.protocol.version': '1.1',
      'user_agent.original': 'tests',
    });
  });

  test('is the active span of its handler, together with call and baggage', async () => {
    const seen: unknown[] = [];
    await using server = await serve(
      routes(async ({ params }) => {
        await Promise.resolve();
        seen.push(trace.getActiveSpan()?.spanContext().spanId, currentCall()?.requestId);
        seen.push(propagation.getActiveBaggage()?.getEntry('tenant')?.value);
        return params;
      }),
    );
    await fetch(`${server.url}/orders/7`, { headers: { traceparent, baggage: 'tenant=blue', 'x-request-id': 'abc' } });
    const [span] = await finishedSpans(1);
    expect(seen).toEqual([span?.spanContext().spanId, 'abc', 'blue']);
  });

  test('is measured with its route, never with its path', async () => {
    await using server = await serve(routes());
    for (const id of ['1', '2', '3']) await fetch(`${server.url}/orders/${id}`);
    await fetch(`${server.url}/orders`, json({}));
    await fetch(`${server.url}/orders/1`, { method: 'HEAD' });
    for (const path of ['/a', '/b']) await fetch(`${server.url}${path}`);
    await fetch(`${server.url}/c`, { method: 'PROPFIND' });
    await finishedSpans(8);
    const { unit, description, points } = (await durations())!;
    expect([unit, description]).toEqual(['s', expect.any(String)]);
    const get = { 'http.request.method': 'GET', 'url.scheme': 'http' };
    expect(points).toEqual([
      { ...get, 'http.route': '/orders/:id', 'http.response.status_code': 200, value: 3 },
      { ...get, 'http.request.method': 'POST', 'http.route': '/orders', 'http.response.status_code': 400, value: 1 },
      {
        ...get,
        'http.request.method': 'HEAD',
        'http.route': '/orders/:id',
        'http.response.status_code': 200,
        value: 1,
      },
      { ...get, 'http.response.status_code': 404, value: 2 },
      { ...get, 'http.request.method': '_OTHER', 'http.response.status_code': 404, value: 1 },
    ]);
    const names = recorded.spans.map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set(['GET /orders/:id', 'POST /orders', 'HEAD /orders/:id', 'GET', 'HTTP']));
    expect(recorded.spans.at(-1)?.attributes['http.request.method_original']).toBe('PROPFIND');
  });

  test('that fails is an error in trace and metrics, by its status', async () => {
    await using server = await serve(
      routes(() => {
        throw new Error('hunter2');
      }),
    );
    await fetch(`${server.url}/orders/7`);
    const [span] = await finishedSpans(1);
    expect(span).toMatchObject({ status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': '500' } });
    expect(JSON.stringify([span?.attributes, span?.events, span?.status])).not.toContain('hunter2');
    expect((await durations())?.points).toMatchObject([{ 'error.type': '500', 'http.response.status_code': 500 }]);
  });

  test('whose client goes away is cancelled in trace and metrics', async () => {
    const gate = Promise.withResolvers<void>();
    let running = false;
    await using server = await serve(
      routes(async () => {
        running = true;
        await gate.promise;
      }),
    );
    const client = new AbortController();
    const sent = fetch(`${server.url}/orders/7`, { signal: client.signal });
    await waitFor(() => running, { what: 'the handler to run' });
    client.abort();
    await expect(sent).rejects.toThrow();
    const [span] = await finishedSpans(1);
    expect(span?.attributes).toMatchObject({ 'error.type': 'cancelled' });
    expect(span?.attributes).not.toHaveProperty('http.response.status_code');
    expect((await durations())?.points).toMatchObject([{ 'error.type': 'cancelled', value: 1 }]);
    gate.resolve();
  });

  test('has the ids of its trace in its line', async () => {
    await using server = await serve(routes());
    await fetch(`${server.url}/orders/7?secret=1`, { headers: { traceparent, 'x-request-id': 'abc' } });
    const [span] = await finishedSpans(1);
    expect(server.logs).toEqual([
      {
        level: 'info',
        message: 'request',
        logger: undefined,
        fields: {
          request_id: 'abc',
          trace_id: traceId,
          span_id: span?.spanContext().spanId,
          method: 'GET',
          path: '/orders/7',
          route: '/orders/:id',
          status: 200,
          duration_ms: expect.any(Number),
          client: '127.0.0.1',
        },
      },
    ]);
  });

  test('that is not sampled has ids in its line all the same', async () => {
    recorded = await recordTelemetry({ sampled: false });
    await using server = await serve(routes());
    await fetch(`${server.url}/orders/7`, { headers: { traceparent } });
    expect(server.requests()).toMatchObject([{ trace_id: traceId, span_id: expect.stringMatching(/^[0-9a-f]{16}$/) }]);
    expect(recorded.spans).toEqual([]);
  });

  test.each(['', 'garbage', '00-0-0-00', `${traceparent}-x`, 'ff-'.padEnd(55, '0')])(
    'begins a trace of its own when traceparent is %j',
    async (wrong) => {
      await using server = await serve(routes());
      await fetch(`${server.url}/orders/7`, { headers: { traceparent: wrong } });
      const [span] = await finishedSpans(1);
      expect(span?.parentSpanContext).toBeUndefined();
    },
  );
});

test('probes are neither traced nor measured, and what is no request is not either', async () => {
  await using server = await serve(routes());
  await fetch(`${server.url}/livez`);
  await rawRequest(server.server.port, 'garbage\r\n\r\n');
  expect(recorded.spans).toEqual([]);
  expect(server.requests()).toEqual([]);
});

test('instruments belong to the telemetry that is there when serving starts', async () => {
  await using before = await serve(routes());
  await recorded[Symbol.asyncDispose]();
  await fetch(`${before.url}/orders/7`);
  recorded = await recordTelemetry();
  await using server = await serve(routes());
  await fetch(`${server.url}/orders/7`);
  await finishedSpans(1);
  expect((await durations())?.points).toMatchObject([{ value: 1 }]);
});
