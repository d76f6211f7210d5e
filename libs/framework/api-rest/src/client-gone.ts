import { ServiceError } from '@org/errors';

/** The client closed the connection while its request was being worked on. */
export function clientGone(): ServiceError {
  return new ServiceError('cancelled', 'The client went away before it had its answer', { reason: 'CLIENT_GONE' });
}
