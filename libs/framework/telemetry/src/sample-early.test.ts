import {
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  SpanKind,
  TraceFlags,
  context,
  trace,
  type Context,
  type SpanOptions,
} from '@opentelemetry/api';
import { TraceState, suppressTracing } from '@opentelemetry/core';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  InMemorySpanExporter,
  ParentBasedSampler,
  SamplingDecision,
  SimpleSpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import { createContextManager } from '@org/context';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createIds } from './ids.ts';
import { sampleEarly } from './sample-early.ts';

const ids = createIds();
const remote = {
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
  traceState: new TraceState('vendor=1'),
};
const parent = (changes: Partial<typeof remote> = {}) => trace.setSpanContext(ROOT_CONTEXT, { ...remote, ...changes });

/** A tracer with a sampler in front of the SDK, and one of the SDK alone. */
function tracers(sampler: Sampler) {
  const early = sampleEarly(sampler, ids);
  const [exporter, plainExporter] = [new InMemorySpanExporter(), new InMemorySpanExporter()];
  const sdk = new TracerProvider({
    sampler: early.sampler,
    idGenerator: early.idGenerator,
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const plain = new TracerProvider({ sampler, spanProcessors: [new SimpleSpanProcessor({ exporter: plainExporter })] });
  return {
    early: early.wrap(sdk).getTracer('test'),
    plain: plain.getTracer('test'),
    exported: () => [exporter.getFinishedSpans(), plainExporter.getFinishedSpans()] as const,
  };
}

beforeEach(() => void context.setGlobalContextManager(createContextManager()));
afterEach(() => context.disable());

describe('a span is recorded or not, and has the ids, as the SDK alone would decide', () => {
  const samplers: [string, () => Sampler][] = [
    ['always on', () => new AlwaysOnSampler()],
    ['always off', () => new AlwaysOffSampler()],
    ['half of all', () => new TraceIdRatioBasedSampler(0.5)],
    ['the parent’s, else on', () => new ParentBasedSampler({ root: new AlwaysOnSampler() })],
    ['the parent’s, else none', () => new ParentBasedSampler({ root: new AlwaysOffSampler() })],
  ];
  const parents: [string, Context, SpanOptions?][] = [
    ['a sampled parent', parent()],
    ['one that is not', parent({ traceFlags: TraceFlags.NONE })],
    ['one whose trace is in the other half', parent({ traceId: `ffffffff${'0'.repeat(24)}` })],
    ['one that is no root’s', parent(), { root: true }],
  ];
  describe.each(samplers)('%s', (_, make) => {
    test.each(parents)('with %s', (__, above, options = {}) => {
      const { early, plain } = tracers(make());
      const ours = early.startSpan('x', options, above);
      const theirs = plain.startSpan('x', options, above);
      const [a, b] = [ours.spanContext(), theirs.spanContext()];
      expect(a.spanId).toMatch(/^[0-9a-f]{16}$/);
      if (options.root) {
        // A trace of its own is sampled by its id, which is random.
        expect(a.traceId).not.toBe(remote.traceId);
        expect(a.traceState).toBe(b.traceState);
        return;
      }
      expect(ours.isRecording()).toBe(theirs.isRecording());
      expect(a).toEqual({ ...b, spanId: a.spanId });
    });
  });

  test.each([
    ['no parent', ROOT_CONTEXT],
    ['an invalid one', trace.setSpanContext(ROOT_CONTEXT, INVALID_SPAN_CONTEXT)],
    ['one with a malformed id', parent({ traceId: 'x'.repeat(32) })],
  ])('a trace begins with %s', (_, above) => {
    const { early, exported } = tracers(new AlwaysOnSampler());
    const span = early.startSpan('x', {}, above);
    span.end();
    expect(span.spanContext().traceId).toMatch(/^(?!0{32}|a{32})[0-9a-f]{32}$/);
    expect(exported()[0][0]?.parentSpanContext).toBeUndefined();
  });

  test('a ratio of the traces is recorded', () => {
    const { early } = tracers(new TraceIdRatioBasedSampler(0.25));
    const recorded = Array.from({ length: 4_000 }, () => early.startSpan('x', {}, ROOT_CONTEXT).isRecording());
    const part = recorded.filter(Boolean).length / recorded.length;
    expect(part).toBeGreaterThan(0.2);
    expect(part).toBeLessThan(0.3);
  });
});

test('the sampler is asked once, and what it adds is on the span', () => {
  const shouldSample = vi.fn<Sampler['shouldSample']>(() => ({
    decision: SamplingDecision.RECORD_AND_SAMPLED,
    attributes: { 'sampler.param': 7 },
    traceState: new TraceState('ours=1'),
  }));
  const { early, exported } = tracers({ shouldSample, toString: () => 'test' });
  const options = { kind: SpanKind.CLIENT, attributes: { a: 1 } };
  const span = early.startSpan('GET /', options, parent());
  span.end();
  expect(shouldSample.mock.calls).toEqual([
    [expect.anything(), remote.traceId, 'GET /', SpanKind.CLIENT, { a: 1 }, []],
  ]);
  expect(span.spanContext().traceState?.serialize()).toBe('ours=1');
  expect(exported()[0]).toMatchObject([
    { name: 'GET /', kind: SpanKind.CLIENT, attributes: { a: 1, 'sampler.param': 7 }, parentSpanContext: remote },
  ]);
});

test('spans below one that is not recorded are not recorded either', () => {
  const { early } = tracers(new ParentBasedSampler({ root: new AlwaysOffSampler() }));
  early.startActiveSpan('above', (above) => {
    early.startActiveSpan('below', { kind: SpanKind.CLIENT }, (below) => {
      expect(trace.getActiveSpan()).toBe(below);
      expect(below.isRecording()).toBe(false);
      expect(below.spanContext().traceId).toBe(above.spanContext().traceId);
      expect(below.spanContext().spanId).not.toBe(above.spanContext().spanId);
    });
  });
});

test('startActiveSpan gives back what its function gives, in a context of its own', () => {
  const { early } = tracers(new AlwaysOnSampler());
  expect(early.startActiveSpan('x', (span) => span.isRecording())).toBe(true);
  expect(early.startActiveSpan('x', {}, parent(), (span) => span.spanContext().traceId)).toBe(remote.traceId);
  expect(() =>
    early.startActiveSpan('x', () => {
      throw new Error('thrown');
    }),
  ).toThrow('thrown');
});

test('what is suppressed is no span at all', () => {
  const { early } = tracers(new AlwaysOnSampler());
  const span = early.startSpan('x', {}, suppressTracing(parent()));
  expect(trace.isSpanContextValid(span.spanContext())).toBe(false);
});
