import { createContextKey, type Context, type Span } from '@opentelemetry/api';
import type { Call } from './call.ts';

// The API keeps keys by their description in a registry that all packages share.
export const callKey = createContextKey('@org/context call');
/** The key under which OpenTelemetry's API itself keeps the active span. */
const spanKey = createContextKey('OpenTelemetry Context Key SPAN');

/**
 * The context of one call: a call and a span over what came with it. OpenTelemetry's own context copies a map for each
 * value that is set, which a server would pay twice for every request.
 */
export class CallContext implements Context {
  readonly #call: unknown;
  readonly #span: unknown;
  readonly #parent: Context;

  constructor(call: unknown, span: unknown, parent: Context) {
    this.#call = call;
    this.#span = span;
    this.#parent = parent;
  }

  getValue(key: symbol): unknown {
    if (key === callKey) return this.#call;
    if (key === spanKey) return this.#span;
    return this.#parent.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    if (key === callKey) return new CallContext(value, this.#span, this.#parent);
    if (key === spanKey) return new CallContext(this.#call, value, this.#parent);
    return new CallContext(this.#call, this.#span, this.#parent.setValue(key, value));
  }

  deleteValue(key: symbol): Context {
    if (key === callKey || key === spanKey) return this.setValue(key, undefined);
    return new CallContext(this.#call, this.#span, this.#parent.deleteValue(key));
  }
}

/** Puts a call, and the span of its work, over the context that came with it: a remote parent, baggage. */
export function createCallContext(call: Call, span: Span | undefined, parent: Context): Context {
  return new CallContext(call, span ?? parent.getValue(spanKey), parent);
}
