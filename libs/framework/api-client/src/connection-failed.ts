import { ServiceError } from '@org/errors';
import type { Callee } from './error-from-answer.ts';
import { unsendable } from './unsendable.ts';

/** What is called, and where: the origin alone, without path, query and user. */
export interface Peer extends Callee {
  readonly origin: string;
}

/** Headers that are not a caller's, such as `transfer-encoding`, or an upload that is not as long as it says. */
const refusedUnsent = /^UND_ERR_(INVALID_ARG|NOT_SUPPORTED|REQ_CONTENT_LENGTH_MISMATCH)$/;

/** What `fetch` throws, as an error that names the service; one that `fetch` did not send is the caller's own. */
export function connectionFailed(thrown: unknown, { operation, service, origin }: Peer): ServiceError {
  // `fetch` says no more than that it failed; its cause has the code of the connection's error.
  const cause = (thrown as Error).cause ?? thrown;
  const { code, message } = cause as { code?: string; message?: string };
  if (refusedUnsent.test(code ?? '')) {
    return unsendable(`the request of \`${operation}\``, 'headers and a length that HTTP has', thrown);
  }
  const text = `Cannot call \`${operation}\` of ${service} at ${origin}: ${code ?? message ?? 'the connection failed'}`;
  return new ServiceError('unavailable', text, { reason: 'CONNECTION_FAILED', cause: thrown });
}
