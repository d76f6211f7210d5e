import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, type Context, type ContextManager } from '@opentelemetry/api';
import { callKey, createCallContext } from './call-context.ts';
import type { Call } from './call.ts';

// The one storage of the process: OpenTelemetry's context, which holds trace and baggage, with the call inside it.
const storage = new AsyncLocalStorage<Context>();

/** The call that the running code works for; `undefined` outside any. */
export function currentCall(): Call | undefined {
  return storage.getStore()?.getValue(callKey) as Call | undefined;
}

/** Runs `work`, and all that it awaits, on behalf of `call`. The trace context stays as it is. */
export function runInCall<Given extends unknown[], Result>(
  call: Call,
  work: (...given: Given) => Result,
  ...given: Given
): Result {
  return storage.run(createCallContext(call, undefined, currentContext()), work, ...given);
}

/** Runs `work`, and all that it awaits, in a context, such as one that `createCallContext` made. */
export function runInContext<Given extends unknown[], Result>(
  context: Context,
  work: (...given: Given) => Result,
  ...given: Given
): Result {
  return storage.run(context, work, ...given);
}

/** Runs `work` in no call and no trace: for background work that must outlive the call which set it off. */
export function runOutsideCalls<Result>(work: () => Result): Result {
  return storage.run(ROOT_CONTEXT, work);
}

/**
 * OpenTelemetry's context manager on the same storage: a context made from the active one keeps the call, and a call
 * keeps the span. Binds functions only: event emitters are left as they are.
 */
export function createContextManager(): ContextManager {
  const manager: ContextManager = {
    active: currentContext,
    with: (context, work, thisArgument, ...callArguments) =>
      storage.run(context, () => work.apply(thisArgument as ThisParameterType<typeof work>, callArguments)),
    bind: (context, target) => (typeof target === 'function' ? bound(context, target) : target),
    enable: () => manager,
    // The storage is shared with the calls, which go on when telemetry stops.
    disable: () => manager,
  };
  return manager;
}

/** The context that the running code is in: its call, its trace, and whatever libraries keep there. */
export function currentContext(): Context {
  return storage.getStore() ?? ROOT_CONTEXT;
}

function bound<Target extends object>(context: Context, target: Target): Target {
  const call = target as (...callArguments: unknown[]) => unknown;
  function inContext(this: unknown, ...callArguments: unknown[]): unknown {
    return storage.run(context, () => call.apply(this, callArguments));
  }
  // Express tells handlers of errors from others by the number of their parameters.
  return Object.defineProperty(inContext, 'length', { value: call.length }) as unknown as Target;
}
