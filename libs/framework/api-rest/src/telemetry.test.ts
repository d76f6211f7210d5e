import { createContextManager, currentCall } from '@org/context';
import { defineOperation, type Operation } from '@org/contract';
import { rawRequest, waitFor } from '@org/testing';
import { SpanKind, SpanStatusCode, context, metrics, propagation, trace } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { MeterProvider, MetricReader, type HistogramMetricData } from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import * as z from 'zod';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { json, serve } from '../test-fixtures/serve.ts';
import { created, implement, type Handler, type Route } from './index.ts';

class OnDemandReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

let spans: InMemorySpanExporter;
let reader: OnDemandReader;
let stop: () => Promise<unknown>;

function start(sampler = new AlwaysOnSampler()): void {
  spans = new InMemorySpanExporter();
  reader = new OnDemandReader();
  const tracing = new TracerProvider({ sampler, spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] });
  const measuring = new MeterProvider({ readers: [reader] });
  context.setGlobalContextManager(createContextManager());
  const propagators = [new W3CTraceContextPropagator(), new W3CBaggagePropagator()];
  propagation.setGlobalPropagator(new CompositePropagator({ propagators }));
  trace.setGlobalTracerProvider(tracing);
  metrics.setGlobalMeterProvider(measuring);
  stop = () => Promise.all([tracing.shutdown(), measuring.shutdown()]);
}

beforeEach(() => start());
afterEach(async () => {
  for (const api of [context, propagation, trace, metrics]) api.disable();
  await stop();
});

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
  await waitFor(() => spans.getFinishedSpans().length === count, { what: `${count} spans` });
  return spans.getFinishedSpans();
}

async function measurements() {
  const { resourceMetrics } = await reader.collect();
  const [metric] = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  const { descriptor, dataPoints } = metric as HistogramMetricData;
  return { descriptor, points: dataPoints.map(({ attributes, value }) => ({ ...attributes, count: value.count })) };
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
    const { descriptor, points } = await measurements();
    expect(descriptor).toMatchObject({
      name: 'http.server.request.duration',
      unit: 's',
      description: expect.any(String),
    });
    const get = { 'http.request.method': 'GET', 'url.scheme': 'http' };
    expect(points).toEqual([
      { ...get, 'http.route': '/orders/:id', 'http.response.status_code': 200, count: 3 },
      { ...get, 'http.request.method': 'POST', 'http.route': '/orders', 'http.response.status_code': 400, count: 1 },
      {
        ...get,
        'http.request.method': 'HEAD',
        'http.route': '/orders/:id',
        'http.response.status_code': 200,
        count: 1,
      },
      { ...get, 'http.response.status_code': 404, count: 2 },
      { ...get, 'http.request.method': '_OTHER', 'http.response.status_code': 404, count: 1 },
    ]);
    const names = spans.getFinishedSpans().map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set(['GET /orders/:id', 'POST /orders', 'HEAD /orders/:id', 'GET', 'HTTP']));
    expect(spans.getFinishedSpans().at(-1)?.attributes['http.request.method_original']).toBe('PROPFIND');
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
    expect((await measurements()).points).toMatchObject([{ 'error.type': '500', 'http.response.status_code': 500 }]);
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
    expect((await measurements()).points).toMatchObject([{ 'error.type': 'cancelled', count: 1 }]);
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
    await stop();
    for (const api of [context, propagation, trace, metrics]) api.disable();
    start(new AlwaysOffSampler());
    await using server = await serve(routes());
    await fetch(`${server.url}/orders/7`, { headers: { traceparent } });
    expect(server.requests()).toMatchObject([{ trace_id: traceId, span_id: expect.stringMatching(/^[0-9a-f]{16}$/) }]);
    expect(spans.getFinishedSpans()).toEqual([]);
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
  expect(spans.getFinishedSpans()).toEqual([]);
  expect(server.requests()).toEqual([]);
});

test('instruments belong to the telemetry that is there when serving starts', async () => {
  await using before = await serve(routes());
  await stop();
  for (const api of [context, propagation, trace, metrics]) api.disable();
  await fetch(`${before.url}/orders/7`);
  start();
  await using server = await serve(routes());
  await fetch(`${server.url}/orders/7`);
  await finishedSpans(1);
  expect((await measurements()).points).toMatchObject([{ count: 1 }]);
});
