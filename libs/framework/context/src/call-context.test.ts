import { ROOT_CONTEXT, createContextKey, propagation, trace } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { callKey, createCallContext } from './call-context.ts';
import { createCall } from './call.ts';
import { currentCall, runInContext } from './storage.ts';

const call = createCall({ requestId: 'r1' });
const remote = trace.wrapSpanContext({
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  traceFlags: 1,
  isRemote: true,
});
const span = trace.wrapSpanContext({ traceId: 'a'.repeat(32), spanId: 'c'.repeat(16), traceFlags: 1 });
const baggage = propagation.createBaggage({ tenant: { value: 't1' } });
const parent = propagation.setBaggage(trace.setSpan(ROOT_CONTEXT, remote), baggage);

describe('the context of a call', () => {
  test('has the call, its span, and what came with it', () => {
    const context = createCallContext(call, span, parent);
    expect(context.getValue(callKey)).toBe(call);
    expect(trace.getSpan(context)).toBe(span);
    expect(propagation.getBaggage(context)).toBe(baggage);
    runInContext(context, (text: string) => expect([text, currentCall()]).toEqual(['given', call]), 'given');
  });

  test('without a span of its own goes on with the one that came', () => {
    expect(trace.getSpan(createCallContext(call, undefined, parent))).toBe(remote);
  });

  test('is never changed: what is set or deleted is in another one', () => {
    const context = createCallContext(call, span, parent);
    const key = createContextKey('test');
    const changed = trace.setSpan(context.setValue(key, 7), remote);
    expect([changed.getValue(key), trace.getSpan(changed), changed.getValue(callKey)]).toEqual([7, remote, call]);
    expect([context.getValue(key), trace.getSpan(context)]).toEqual([undefined, span]);
    const other = createCall({ requestId: 'r2' });
    expect(changed.setValue(callKey, other).getValue(callKey)).toBe(other);
    const bare = trace.deleteSpan(changed.deleteValue(key).deleteValue(callKey));
    expect([bare.getValue(key), trace.getSpan(bare), bare.getValue(callKey)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(propagation.getBaggage(bare)).toBe(baggage);
  });
});
