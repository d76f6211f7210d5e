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

type Headers = Readonly<Record<string, string>>;

/** A failure as headers of a dead letter, in ASCII: what a person reads is percent-encoded. */
export function failureHeaders(failure: Failure): Headers {
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
  const written = headers[code];
  const unknownTime = new Date(0).toISOString();
  return {
    code: isCode(written) ? written : 'unknown',
    ...(headers[reason] !== undefined && { reason: headers[reason] }),
    message: decoded(headers[message] ?? 'Nothing says why'),
    attempts: Number(headers[attempts]) || 1,
    firstAt: headers[firstAt] ?? unknownTime,
    lastAt: headers[lastAt] ?? unknownTime,
    ...(headers[trace] !== undefined && { traceparent: headers[trace] }),
  };
}

/** Headers without those of a failure: what a message had before it became a dead letter. */
export function withoutFailure(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(prefix)));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
