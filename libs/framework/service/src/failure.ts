import { CONFIGURATION_INVALID } from '@org/config';
import { ServiceError } from '@org/errors';
import { exitCode } from './exit-codes.ts';

/** The exit code of a process that ends because of an error. */
export function exitCodeOf(error: unknown): number {
  return error instanceof ServiceError && error.reason === CONFIGURATION_INVALID
    ? exitCode.configuration
    : exitCode.failure;
}
