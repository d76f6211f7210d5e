import type { ServiceError } from '@org/errors';
import type { SecretsCore } from './core.ts';
import { isTransient, type Generation } from './take.ts';

/** Why a secret could not be read again, and since when. */
export interface Failure {
  readonly error: ServiceError;
  readonly since: number;
  /** How many attempts failed in a row. */
  readonly attempts: number;
}

/** What is said of one path: each change of how it is, once. */
export interface Report {
  /** `undefined` while the last attempt went well. */
  readonly failure: () => Failure | undefined;
  failed(error: ServiceError, inForce: Generation): Failure;
  succeeded(inForce: Generation): void;
}

export function createReport({ clock, logger, scheme }: SecretsCore, path: string): Report {
  const reference = `${scheme}:${path}`;
  let failure: Failure | undefined;
  let toldOfEnd = false;
  return {
    failure: () => failure,
    failed(error, { endsAt }) {
      const { code, message, reason } = error;
      if (!failure || kindOf(failure.error) !== kindOf(error)) {
        logger.error({ reference, code, reason }, `${message}. The last value stays in force`);
      }
      if (clock.now() >= endsAt && !toldOfEnd) {
        toldOfEnd = true;
        logger.error(
          { reference },
          `The lease of ${reference} has ended, and there is no other value: it may be refused now`,
        );
      }
      failure = { error, since: failure?.since ?? clock.now(), attempts: (failure?.attempts ?? 0) + 1 };
      return failure;
    },
    succeeded({ version }) {
      toldOfEnd = false;
      if (!failure) return;
      const seconds = Math.round((clock.now() - failure.since) / 1000);
      failure = undefined;
      logger.info({ reference, version }, `${reference} is read again, after ${seconds} s`);
    },
  };
}

/** What is told anew: an outage is one thing, whether nobody answers or too late. */
function kindOf(error: ServiceError): string {
  return isTransient(error) ? 'transient' : (error.reason ?? error.code);
}
