import { isCode } from '@org/errors';
import type { Failure } from './dead-letter.ts';

const prefix = 'dead-letter-';
const [code, reason, message] = [`${prefix}code`, `${prefix}reason`, `${prefix}message`];
const [attempts, firstAt, lastAt, trace] = [
  `${prefix}attempts`,
  `${prefix}first-at`,
  `${prefix}last-at`,
  `${prefix}traceparent`,
];

type Headers = Readonly<Record<string, unknown>>;

/** A failure as headers of a dead letter, in ASCII: what a person reads is percent-encoded. */
export function failureHeaders(failure: Failure): Readonly<Record<string, string>> {
  return {
    [code]: failure.code,
    ...(failure.reason !== undefined && { [reason]: failure.reason }),
    [message]: encodeURIComponent(failure.message.toWellFormed().slice(0, 1_000).toWellFormed()),
    [attempts]: String(failure.attempts),
    [firstAt]: failure.firstAt,
    [lastAt]: failure.lastAt,
    ...(failure.traceparent !== undefined && { [trace]: failure.traceparent }),
  };
}

/** The failure that headers tell of; what they lack is filled in, since others may write to a dead-letter queue too. */
export function failureFrom(headers: Headers): Failure {
  const read = (name: string) => (typeof headers[name] === 'string' ? headers[name] : undefined);
  const [written, why, traceparent] = [read(code), read(reason), read(trace)];
  const unknownTime = new Date(0).toISOString();
  return {
    code: isCode(written) ? written : 'unknown',
    ...(why !== undefined && { reason: why }),
    message: decoded(read(message) ?? 'Nothing says why'),
    attempts: Number(headers[attempts]) || 1,
    firstAt: read(firstAt) ?? unknownTime,
    lastAt: read(lastAt) ?? unknownTime,
    ...(traceparent !== undefined && { traceparent }),
  };
}

/** Headers without those of a failure: what a message had before it became a dead letter. */
export function withoutFailure<Value>(headers: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(prefix)));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
