import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  ROOT_CONTEXT,
  context,
  createContextKey,
  propagation,
  trace,
  type Context,
  type SpanContext,
} from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { createCall } from './call.ts';
import { createContextManager, currentCall, runInCall, runOutsideCalls } from './storage.ts';

const call = createCall({ requestId: 'r1' });
const other = createCall({ requestId: 'r2' });
const spanContext: SpanContext = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
const span = trace.wrapSpanContext(spanContext);

beforeAll(() => {
  expect(context.setGlobalContextManager(createContextManager())).toBe(true);
});
afterAll(() => context.disable());

describe('runInCall', () => {
  test('makes its call the current one, for what it awaits too', async () => {
    expect(currentCall()).toBeUndefined();
    await runInCall(call, async () => {
      expect(currentCall()).toBe(call);
      await nextTurn();
      expect(currentCall()).toBe(call);
      await new Promise<void>((resolve) => setTimeout(() => resolve(expect(currentCall()).toBe(call)), 1));
    });
    expect(currentCall()).toBeUndefined();
  });

  test('gives the result and throws the error of the work', () => {
    expect(runInCall(call, () => 7)).toBe(7);
    expectTypeOf(runInCall(call, () => Promise.resolve('x'))).toEqualTypeOf<Promise<string>>();
    expect(() => runInCall(call, () => JSON.parse('{'))).toThrow(SyntaxError);
    expect(currentCall()).toBeUndefined();
  });

  test('nests, and comes back', () => {
    runInCall(call, () => {
      runInCall(other, () => expect(currentCall()).toBe(other));
      expect(currentCall()).toBe(call);
    });
  });

  test('keeps calls apart that run at the same time', async () => {
    const seen = await Promise.all(
      [call, other, call, other].map((each) =>
        runInCall(each, async () => {
          await nextTurn();
          return currentCall();
        }),
      ),
    );
    expect(seen).toEqual([call, other, call, other]);
  });
});

describe('a call and the trace', () => {
  test('a call survives `context.with` of a span', async () => {
    await runInCall(call, () =>
      context.with(trace.setSpan(context.active(), span), async () => {
        await nextTurn();
        expect(currentCall()).toBe(call);
        expect(trace.getActiveSpan()).toBe(span);
      }),
    );
  });

  test('a span survives runInCall', async () => {
    await context.with(trace.setSpan(context.active(), span), () =>
      runInCall(call, async () => {
        await nextTurn();
        expect(trace.getActiveSpan()?.spanContext()).toEqual(spanContext);
        expect(currentCall()).toBe(call);
      }),
    );
    expect(trace.getActiveSpan()).toBeUndefined();
  });

  test('baggage survives runInCall', () => {
    const baggage = propagation.createBaggage({ tenant: { value: 't1' } });
    context.with(propagation.setBaggage(context.active(), baggage), () =>
      runInCall(call, () => expect(propagation.getActiveBaggage()?.getEntry('tenant')?.value).toBe('t1')),
    );
  });

  test('a context made from the root knows no call', () => {
    runInCall(call, () => context.with(ROOT_CONTEXT, () => expect(currentCall()).toBeUndefined()));
  });

  test('neither call nor trace goes along into runOutsideCalls', async () => {
    await context.with(trace.setSpan(context.active(), span), () =>
      runInCall(call, async () => {
        await runOutsideCalls(async () => {
          await nextTurn();
          expect(currentCall()).toBeUndefined();
          expect(trace.getActiveSpan()).toBeUndefined();
        });
        expect(currentCall()).toBe(call);
      }),
    );
  });
});

describe('the context manager', () => {
  const key = createContextKey('test');
  const marked = ROOT_CONTEXT.setValue(key, 'marked');

  test('has the root context outside of everything', () => {
    expect(context.active()).toBe(ROOT_CONTEXT);
  });

  test('passes `this`, arguments and result through `with`', () => {
    const target = { base: 1 };
    function add(this: typeof target, value: number): number {
      expect(context.active()).toBe(marked);
      return this.base + value;
    }
    expect(context.with(marked, add, target, 2)).toBe(3);
  });

  test('binds a function to a context, and keeps its `this`, arguments, result and number of parameters', async () => {
    const target = {
      base: 1,
      add: context.bind(marked, function (this: { base: number }, first: number, second: number): unknown[] {
        return [context.active().getValue(key), this.base + first + second];
      }),
    };
    await nextTurn();
    expect(target.add(2, 3)).toEqual(['marked', 6]);
    expect(target.add).toHaveLength(2);
  });

  test('binds a call to a callback', () => {
    const emitter = new EventEmitter();
    let seen: unknown;
    runInCall(call, () =>
      emitter.once(
        'event',
        context.bind(context.active(), () => (seen = currentCall())),
      ),
    );
    emitter.emit('event');
    expect(seen).toBe(call);
  });

  test.each([7, 'text', null, undefined, { key: 'value' }])('leaves %o as it is when it is to be bound', (target) => {
    expect(context.bind(marked, target)).toBe(target);
  });

  test('shares its storage with every other one, and goes on for calls when it is disabled', () => {
    const manager = createContextManager();
    runInCall(call, () => {
      expect(manager.active()).toBe(context.active());
      expect(manager.disable()).toBe(manager);
      expect(manager.enable()).toBe(manager);
      expect(currentCall()).toBe(call);
    });
    expectTypeOf(manager.active()).toEqualTypeOf<Context>();
  });
});
