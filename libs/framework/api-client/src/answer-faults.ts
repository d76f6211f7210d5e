import { ServiceError, type Violation } from '@org/errors';
import type { Callee } from './error-from-answer.ts';

// What is wrong with an answer that is no error. None of the messages holds a piece of it.

export function answerTooLarge(callee: Callee, maximumBytes: number): ServiceError {
  const message = `${answerOf(callee)} has more than ${maximumBytes} bytes`;
  return new ServiceError('internal', message, { reason: 'ANSWER_TOO_LARGE' });
}

export function answerUnreadable(callee: Callee, why: string, cause?: unknown): ServiceError {
  return new ServiceError('internal', `${answerOf(callee)} cannot be read: ${why}`, {
    reason: 'ANSWER_MALFORMED',
    ...(cause !== undefined && { cause }),
  });
}

export function answerInvalid(callee: Callee, violations: readonly Violation[]): ServiceError {
  const places = violations.slice(0, 3).map(({ pointer, detail }) => `\`${pointer.slice(0, 200)}\`: ${detail}`);
  const message = `${answerOf(callee)} is not what its contract promises at ${places.join('; ')}. Compare the versions of both`;
  return new ServiceError('internal', message, { reason: 'ANSWER_INVALID', details: { violations } });
}

/** A caller that asks only for what has changed must keep a copy, and the client keeps none. */
export function answerNotModified(callee: Callee): ServiceError {
  const message = `${answerOf(callee)} is 304, of which there is no copy here. Leave out \`if-none-match\` and its like`;
  return new ServiceError('internal', message, { reason: 'ANSWER_INVALID' });
}

/** A redirect is not followed: what is meant for one place would go to another. */
export function answerRedirected(callee: Callee, status: number, location: string | null, from: string): ServiceError {
  const target = location === null ? null : URL.parse(location, from);
  const isHttp = target !== null && /^https?:$/.test(target.protocol);
  const where = isHttp ? ` to ${target.origin}${target.pathname}`.slice(0, 500) : '';
  const message = `${answerOf(callee)} leads elsewhere (${status}${where}), which is not followed. Correct its base URL`;
  return new ServiceError('internal', message, { reason: 'ANSWER_REDIRECTED' });
}

/** Whether the decoder or the compression failed, and not the connection. */
export function isUnreadable(thrown: unknown): boolean {
  const { code, cause } = thrown as { code?: string; cause?: { code?: string } };
  return code === 'ERR_ENCODING_INVALID_ENCODED_DATA' || /^(Z_|ERR_BROTLI|ERR__ERROR_|ZSTD_)/.test(cause?.code ?? '');
}

function answerOf({ operation, service }: Callee): string {
  return `The answer of ${service} to \`${operation}\``;
}
