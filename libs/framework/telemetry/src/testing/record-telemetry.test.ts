import { metrics, propagation, context, trace } from '@opentelemetry/api';
import { createCall, currentCall, runInCall } from '@org/context';
import { expect, test } from 'vitest';
import { recordTelemetry } from './index.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('spans are recorded in the trace that came in, and stand in the context of calls', async () => {
  await using recorded = await recordTelemetry();
  using call = createCall({ requestId: 'r1' });
  const parent = propagation.extract(context.active(), { traceparent, baggage: 'tenant=a' });
  const seen = context.with(parent, () =>
    trace.getTracer('test').startActiveSpan('work', (span) => {
      const headers = runInCall(call, () => {
        const out: Record<string, string> = {};
        propagation.inject(context.active(), out);
        return { ...out, requestId: currentCall()?.requestId };
      });
      span.end();
      return headers;
    }),
  );
  const [span] = recorded.spans;
  expect(span).toMatchObject({ name: 'work', parentSpanContext: { spanId: 'b7ad6b7169203331' } });
  expect(seen).toEqual({
    traceparent: traceparent.replace('b7ad6b7169203331', span!.spanContext().spanId),
    baggage: 'tenant=a',
    requestId: 'r1',
  });
});

test('spans that are not sampled have their ids alone', async () => {
  await using recorded = await recordTelemetry({ sampled: false });
  const span = trace.getTracer('test').startSpan('work');
  span.end();
  expect(span.spanContext().spanId).toMatch(/^[0-9a-f]{16}$/);
  expect(recorded.spans).toEqual([]);
});

test('metrics are what was recorded and is observed by now', async () => {
  await using recorded = await recordTelemetry();
  expect(await recorded.measure()).toEqual({});
  const meter = metrics.getMeter('test');
  const durations = meter.createHistogram('duration', { unit: 's', description: 'How long.' });
  for (const seconds of [0.5, 2]) durations.record(seconds, { route: '/a' });
  meter.createObservableGauge('lag', { description: 'How many wait.' }).addCallback((lag) => lag.observe(7));
  expect(await recorded.measure()).toEqual({
    duration: { unit: 's', description: 'How long.', points: [{ route: '/a', value: 2 }] },
    lag: { unit: '', description: 'How many wait.', points: [{ value: 7 }] },
  });
});

test('what came before is replaced, and nothing is left behind', async () => {
  const before = await recordTelemetry();
  await using recorded = await recordTelemetry();
  trace.getTracer('test').startSpan('work').end();
  expect([before.spans.length, recorded.spans.length]).toEqual([0, 1]);
  await recorded[Symbol.asyncDispose]();
  expect(trace.getTracer('test').startSpan('work').isRecording()).toBe(false);
});
