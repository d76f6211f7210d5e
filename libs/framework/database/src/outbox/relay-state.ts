import { ServiceError } from '@org/errors';
import type { Runtime } from '@org/runtime';
import { isAway, type Forwarded } from './forward-batch.ts';

/** How a relay is, told in the log when that changes. */
export interface RelayState {
  /** How many looks in a row found the broker away. */
  readonly brokerAway: number;
  /** How many looks in a row the database did not take part in. */
  readonly databaseAway: number;
  looked(forwarded: Forwarded): void;
  /** The database did not take part. */
  lost(error: ServiceError): void;
  /** @throws {ServiceError} unavailable, OUTBOX_WAITING, while broker or database are away. */
  assertWell(): void;
}

/** After what time a broker of which nothing was asked is not said to be away any more, in milliseconds. */
const forgetMs = 60_000;

export function createRelayState(logger: Runtime['logger']): RelayState {
  const broker = createAbsence('broker', logger);
  const database = createAbsence('database', logger);
  return {
    get brokerAway() {
      return broker.looks;
    },
    get databaseAway() {
      return database.looks;
    },
    looked({ delivered, failed }) {
      database.ended();
      const [first] = failed;
      if (first && delivered.length === 0 && failed.every(({ cause }) => isAway(cause)))
        return broker.found(first.cause);
      if (delivered.length > 0 || broker.sinceMs > forgetMs) broker.ended();
      tellOf(failed, logger);
    },
    lost: (error) => database.found(error),
    assertWell() {
      const [what, why] = database.why ? ['database', database.why] : ['broker', broker.why];
      if (!why) return;
      const message = `The outbox keeps what it has, since the ${what} is away: ${why.message}`;
      throw new ServiceError('unavailable', message, { reason: 'OUTBOX_WAITING', cause: why });
    },
  };
}

interface Absence {
  readonly looks: number;
  readonly why: ServiceError | undefined;
  /** How long ago it was found, in milliseconds. */
  readonly sinceMs: number;
  found(error: ServiceError): void;
  ended(): void;
}

function createAbsence(what: 'broker' | 'database', logger: Runtime['logger']): Absence {
  let looks = 0;
  let why: ServiceError | undefined;
  let foundAt = 0;
  return {
    get looks() {
      return looks;
    },
    get why() {
      return why;
    },
    get sinceMs() {
      return performance.now() - foundAt;
    },
    found(error) {
      looks += 1;
      why = error;
      foundAt = performance.now();
      if (looks === 1) logger.warn({ err: error }, `The outbox keeps what it has, since the ${what} is away`);
    },
    ended() {
      if (looks > 0) logger.info(`The outbox goes on, since the ${what} is back`);
      looks = 0;
      why = undefined;
    },
  };
}

/** Once for each message that is set aside, and for each that has failed for the first time; a line a batch. */
function tellOf(failed: Forwarded['failed'], logger: Runtime['logger']): void {
  const refused = failed.filter(({ pauseMs }) => pauseMs === undefined);
  const late = failed.filter(({ pauseMs, message }) => pauseMs !== undefined && message.attempts === 0);
  for (const [each, level, text] of [
    [refused, 'error', 'Messages of the outbox were set aside, since the broker will never take them'],
    [late, 'warn', 'Messages of the outbox were not taken, and are tried again later'],
  ] as const) {
    const [first] = each;
    if (first) logger[level]({ err: first.cause, count: each.length, position: first.position }, text);
  }
}
