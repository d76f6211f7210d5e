import { ServiceError } from '@org/errors';

/** The input of a call cannot be put into a request. It names the place, never the value. */
export function unsendable(place: string, expected: string, cause?: unknown): ServiceError {
  return new ServiceError('invalid_argument', `Cannot send ${place}: expected ${expected}`, {
    reason: 'REQUEST_UNSENDABLE',
    ...(cause !== undefined && { cause }),
  });
}
