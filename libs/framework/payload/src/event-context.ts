import { createContextKey, type Context } from '@opentelemetry/api';
import { createContextManager } from '@org/context';
import type { CloudEvent } from './cloud-event.ts';

const key = createContextKey('org.payload.cause');
const contexts = createContextManager();

type Cause = Pick<CloudEvent, 'id' | 'correlationid'>;

/**
 * A context for the work that an event gives rise to: what `createEvent` makes in it is caused by that event. Run the
 * work in it with `runInContext` of `@org/context`.
 */
export function createEventContext(event: Cause, parent: Context): Context {
  // Not the event itself: what outlives the work would keep its data.
  const cause: Cause = {
    id: event.id,
    ...(event.correlationid !== undefined && { correlationid: event.correlationid }),
  };
  return parent.setValue(key, cause);
}

/** The event that the running code works for, if any. */
export function currentCause(): Cause | undefined {
  return contexts.active().getValue(key) as Cause | undefined;
}
