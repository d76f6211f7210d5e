import { defineCommand, defineEvent, defineQuery } from '@org/contract';
import { Secret } from '@org/config';
import { ServiceError } from '@org/errors';
import { recordTelemetry, type RecordedTelemetry } from '@org/telemetry/testing';
import { collectLogger, waitFor } from '@org/testing';
import { SpanKind, SpanStatusCode, context, propagation, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { answer, consume, handle, openBroker, respond, type BrokerSettings } from './index.ts';

let recorded: RecordedTelemetry;
beforeEach(async () => {
  recorded = await recordTelemetry();
});
afterEach(() => recorded[Symbol.asyncDispose]());

const placed = defineEvent({ type: 'orders.order.placed.v1', summary: 'Placed', data: z.object({ number: z.int() }) });
const ship = defineCommand({ type: 'orders.order.ship.v1', summary: 'Ship', data: z.object({ number: z.int() }) });
const quote = defineQuery({
  type: 'orders.quote.v1',
  summary: 'Quote',
  request: z.object({ number: z.int() }),
  reply: z.object({ price: z.int() }),
});
const logger = collectLogger();
const runtime = {
  logger,
  service: { name: 'orders', version: '1.0.0', commit: undefined },
  contract: { publishes: [placed], consumes: [placed], handles: [ship], answers: [quote] },
};
const settings = {
  url: new Secret('memory:'),
  credentials: undefined,
  connectTimeoutMs: 1_000,
} as unknown as BrokerSettings;

const spanOf = (name: string) => recorded.spans.find((span) => span.name === name)!;

test('publishing and processing are spans of one trace, and baggage goes along', async () => {
  await using broker = await openBroker(settings, {}, runtime);
  const got: (string | undefined)[] = [];
  const handler = handle(placed, () => {
    got.push(propagation.getBaggage(context.active())?.getEntry('tenant')?.value);
    trace.getTracer('test').startSpan('work').end();
  });
  await using _ = await consume(broker, [handler], {}, runtime);
  const parent = trace.getTracer('test').startSpan('parent');
  const baggage = propagation.createBaggage({ tenant: { value: 'a' } });
  const { id } = await context.with(propagation.setBaggage(trace.setSpan(context.active(), parent), baggage), () =>
    broker.publish(placed, { number: 1 }),
  );
  await waitFor(() => spanOf('process orders.order.placed.v1'), { what: 'the span of processing' });
  const [sent, processed, work] = ['publish orders.order.placed.v1', 'process orders.order.placed.v1', 'work'].map(
    spanOf,
  );
  expect(got).toEqual(['a']);
  expect(sent!.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
  expect(processed!.parentSpanContext?.spanId).toBe(sent!.spanContext().spanId);
  expect(work!.parentSpanContext?.spanId).toBe(processed!.spanContext().spanId);
  expect(sent!.kind).toBe(SpanKind.PRODUCER);
  expect(sent!.attributes).toEqual({
    'messaging.system': 'memory',
    'messaging.operation.name': 'publish',
    'messaging.operation.type': 'send',
    'messaging.destination.name': 'orders.order.placed.v1',
    'messaging.message.id': id,
    'messaging.message.body.size': 12,
  });
  expect(processed!.kind).toBe(SpanKind.CONSUMER);
  expect(processed!.attributes).toEqual({
    'messaging.system': 'memory',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': 'orders.order.placed.v1',
    'messaging.consumer.group.name': 'orders',
    'messaging.message.id': id,
    'messaging.message.body.size': 12,
    'messaging.message.delivery_attempt': 1,
    'messaging.process.outcome': 'acknowledge',
  });
});

test('failures are told by their code, and a dead letter has the trace of its last attempt', async () => {
  await using broker = await openBroker(settings, {}, runtime);
  const handler = handle(placed, ({ attempt }) => {
    throw new ServiceError(attempt === 1 ? 'unavailable' : 'not_found', 'It is not there');
  });
  await using _ = await consume(broker, [handler], { retryDelaysMs: [1] }, runtime);
  await broker.publish(placed, { number: 1 });
  const list = broker.ops!.find(({ method, path }) => method === 'GET' && path === '/dead-letters')!;
  const ask = { method: 'GET', path: '', parameters: {}, query: new URLSearchParams(), body: undefined };
  const [letter] = await waitFor(
    async () => {
      const answered = await list.handle({ ...ask, signal: AbortSignal.timeout(1_000) });
      const { items } = answered.body as { items: { traceparent: string }[] };
      return items.length > 0 ? items : undefined;
    },
    { what: 'the dead letter' },
  );
  const attempts = recorded.spans.filter(({ name }) => name.startsWith('process'));
  expect(attempts.map(({ attributes }) => attributes['error.type'])).toEqual(['unavailable', 'not_found']);
  expect(attempts.map(({ status }) => status.code)).toEqual([SpanStatusCode.ERROR, SpanStatusCode.ERROR]);
  const { traceId, spanId } = attempts[1]!.spanContext();
  expect(letter!.traceparent).toBe(`00-${traceId}-${spanId}-01`);
  const found = await recorded.measure();
  expect(found['messaging.process.outcomes']?.points).toMatchObject([
    { 'messaging.process.outcome': 'retry', value: 1 },
    { 'messaging.process.outcome': 'dead_letter', value: 1 },
  ]);
  expect(found['messaging.process.duration']?.points).toMatchObject([
    { 'error.type': 'unavailable', value: 1 },
    { 'error.type': 'not_found', value: 1 },
  ]);
  const subscription = { 'messaging.subscription.name': 'orders/orders.order.placed.v1', 'messaging.system': 'memory' };
  expect(found['messaging.dead_letters']?.points).toEqual([{ ...subscription, value: 1 }]);
  expect(found['messaging.dead_letters.oldest.age']?.points).toMatchObject([subscription]);
  expect(found['messaging.consumer.lag']?.points).toEqual([{ ...subscription, value: 0 }]);
  expect(logger.lines.filter(({ fields }) => fields.trace_id === traceId).map(({ level }) => level)).toEqual([
    'warn',
    'warn',
  ]);
});

test('what expired is told from what was handled', async () => {
  await using broker = await openBroker(settings, {}, runtime);
  await using _ = await consume(broker, [handle(placed, () => expect.unreachable())], {}, runtime);
  await broker.publish(placed, { number: 1 }, { expiresAt: new Date(0) });
  const span = await waitFor(() => recorded.spans.find(({ name }) => name.startsWith('process')), {
    what: 'the end of the message',
  });
  expect(span.attributes['messaging.process.outcome']).toBe('expired');
  expect(span.attributes).not.toHaveProperty('error.type');
  expect((await recorded.measure())['messaging.process.outcomes']?.points).toMatchObject([
    { 'messaging.process.outcome': 'expired', value: 1 },
  ]);
});

test('a query is a client’s and a server’s span of one trace', async () => {
  await using broker = await openBroker(settings, {}, runtime);
  await using _ = await respond(broker, [answer(quote, ({ number }) => ({ price: number }))], {}, runtime);
  await broker.request(quote, { number: 1 });
  const [asked, answered] = [spanOf('request orders.quote.v1'), spanOf('answer orders.quote.v1')];
  expect([asked.kind, answered.kind]).toEqual([SpanKind.CLIENT, SpanKind.SERVER]);
  expect(answered.parentSpanContext?.spanId).toBe(asked.spanContext().spanId);
});

test('what is sent, refused and accepted unheard is counted', async () => {
  await using broker = await openBroker(settings, {}, runtime);
  await expect(broker.publish(placed, { number: 1 })).rejects.toThrow('nobody has a queue');
  await broker.publish(placed, { number: 1 }, { unrouted: 'accept' });
  await expect(broker.send(ship, { number: 1 })).rejects.toThrow('nobody has a queue');
  const found = await recorded.measure();
  expect(found['messaging.client.unrouted.messages']?.points).toMatchObject([{ value: 1 }]);
  expect(found['messaging.client.sent.messages']?.points).toMatchObject([
    { 'messaging.operation.name': 'publish', 'error.type': 'failed_precondition', value: 1 },
    { 'messaging.operation.name': 'publish', value: 1 },
    { 'messaging.operation.name': 'send', 'error.type': 'failed_precondition', value: 1 },
  ]);
  expect(found['messaging.client.operation.duration']?.points).toHaveLength(3);
});
