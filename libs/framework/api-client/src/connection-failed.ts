import { ServiceError } from '@org/errors';
import type { Callee } from './error-from-answer.ts';

/** What is called, and where: the origin alone, without path, query and user. */
export interface Peer extends Callee {
  readonly origin: string;
}

/** What `fetch` throws, as an error that names the service. */
export function connectionFailed(thrown: unknown, { operation, service, origin }: Peer): ServiceError {
  // `fetch` says no more than that it failed; its cause has the code of the connection's error.
  const cause = (thrown as Error).cause ?? thrown;
  const { code, message } = cause as { code?: string; message?: string };
  const text = `Cannot call \`${operation}\` of ${service} at ${origin}: ${code ?? message ?? 'the connection failed'}`;
  return new ServiceError('unavailable', text, { reason: 'CONNECTION_FAILED', cause: thrown });
}
