import { recordTelemetry, type RecordedTelemetry } from '@org/telemetry/testing';
import { SpanKind, SpanStatusCode, context, propagation, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { contract } from '../test-fixtures/orders.ts';
import { json, problem, serve } from '../test-fixtures/serve.ts';
import { createClient } from './index.ts';

let recorded: RecordedTelemetry;
beforeEach(async () => {
  recorded = await recordTelemetry();
});
afterEach(() => recorded[Symbol.asyncDispose]());

const order = { id: '7', quantity: 2 };
const params = { id: '7' };

test('each attempt is a span by the semantic conventions, with its place in the trace', async () => {
  await using server = await serve((response, _, number) =>
    number === 1 ? problem(response, 503, {}) : json(response, 200, { items: [] }),
  );
  const client = createClient(contract, { url: server.url, timeoutMs: 5_000 }, { retry: { backoffMs: 1 } });
  const parent = trace.getTracer('test').startSpan('parent');
  const baggage = propagation.createBaggage({ tenant: { value: 'a' } });
  await context.with(propagation.setBaggage(trace.setSpan(context.active(), parent), baggage), () =>
    client.listOrders({ query: { cursor: 'hunter2' } }),
  );
  const [first, second] = recorded.spans;
  const common = {
    'http.request.method': 'GET',
    'url.template': '/orders',
    'url.full': `${server.url}/orders`,
    'url.scheme': 'http',
    'server.address': '127.0.0.1',
    'server.port': server.port,
  };
  expect(first).toMatchObject({ name: 'GET /orders', kind: SpanKind.CLIENT, status: { code: SpanStatusCode.ERROR } });
  expect(first!.attributes).toEqual({ ...common, 'http.response.status_code': 503, 'error.type': '503' });
  expect(second).toMatchObject({ name: 'GET /orders', status: { code: SpanStatusCode.UNSET } });
  expect(second!.attributes).toEqual({ ...common, 'http.response.status_code': 200, 'http.request.resend_count': 1 });
  for (const [index, span] of [first!, second!].entries()) {
    const { traceId, spanId } = span.spanContext();
    expect(span.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
    expect(server.requests[index]!.headers).toMatchObject({
      traceparent: `00-${traceId}-${spanId}-01`,
      baggage: 'tenant=a',
    });
  }
});

test('each attempt is measured, by the template of its path and never by what the server made up', async () => {
  await using server = await serve((response, { url }) => {
    if (url.endsWith('1')) return json(response, 200, order);
    if (url.endsWith('2')) return problem(response, 404, { code: 'not_found', reason: 'MADE_UP' });
    if (url.endsWith('3')) return json(response, 200, {});
    if (url.endsWith('4')) return response.destroy();
    return undefined;
  });
  const client = createClient(contract, { url: server.url, timeoutMs: 5_000 }, { retry: false });
  for (const id of ['1', '11', '2', '3', '4']) await client.getOrder({ params: { id } }).catch(() => {});
  await client.getOrder({ params: { id: '5' } }, { timeoutMs: 50 }).catch(() => {});
  const labels = {
    'http.request.method': 'GET',
    'url.template': '/orders/:id',
    'url.scheme': 'http',
    'server.address': '127.0.0.1',
    'server.port': server.port,
  };
  const { 'http.client.request.duration': durations } = await recorded.measure();
  expect(durations).toEqual({
    unit: 's',
    description: expect.any(String),
    points: [
      { ...labels, 'http.response.status_code': 200, value: 2 },
      { ...labels, 'http.response.status_code': 404, 'error.type': '404', value: 1 },
      { ...labels, 'http.response.status_code': 200, 'error.type': 'ANSWER_INVALID', value: 1 },
      { ...labels, 'error.type': 'CONNECTION_FAILED', value: 1 },
      { ...labels, 'error.type': 'deadline_exceeded', value: 1 },
    ],
  });
  expect(recorded.spans).toHaveLength(6);
});

test('without telemetry nothing is sent along', async () => {
  await recorded[Symbol.asyncDispose]();
  await using server = await serve((response) => json(response, 200, order));
  const client = createClient(contract, { url: server.url, timeoutMs: 5_000 });
  expect(await client.getOrder({ params })).toEqual(order);
  expect(server.requests[0]!.headers).not.toHaveProperty('traceparent');
});
