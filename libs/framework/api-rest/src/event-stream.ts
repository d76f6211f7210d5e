import type { Operation, ServerSentEvent } from '@org/contract';
import { broken, createWriteJson } from './outgoing.ts';

export const eventStreamType = 'text/event-stream';

/** What an event stream sends while there is nothing to say, so that nobody on the way takes it for dead: a comment. */
export const heartbeat = ':\n\n';

/** What keeps an event stream from being held back: by caches, and by middleware and proxies that gather or compress. */
export const eventStreamHeaders = Object.freeze({
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
});

/**
 * Makes what writes the events of an operation: `data` is JSON by the operation's schema, of which `ratio` is the part that
 * is checked, as for other answers.
 *
 * What is made throws a `ServiceError`, internal, RESPONSE_INVALID, for an event that is none.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function createEventWriter(operation: Operation, ratio: number): (event: unknown) => string {
  const writeData = createWriteJson(operation, operation.success.events!, ratio, 'an event with `data`');
  return (given) => {
    const { data, event, id, retry } = (given ?? {}) as Partial<ServerSentEvent>;
    let text = '';
    if (event !== undefined) text += `event: ${lineOf(operation, 'event', event)}\n`;
    if (id !== undefined) text += `id: ${lineOf(operation, 'id', id)}\n`;
    if (retry !== undefined) text += `retry: ${wholeOf(operation, retry)}\n`;
    // JSON on one line: whatever breaks lines is escaped in it.
    return `${text}data: ${writeData(data)}\n\n`;
  };
}

/** A field is one line; an `id` with NUL would be ignored. */
function lineOf(operation: Operation, field: string, value: unknown): string {
  if (typeof value === 'string' && !/[\r\n\0]/.test(value)) return value;
  throw broken(operation, `gave an event whose \`${field}\` is not one line of text`);
}

function wholeOf(operation: Operation, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw broken(operation, 'gave an event whose `retry` is not a whole number of milliseconds');
}
