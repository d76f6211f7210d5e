import { ServiceError } from '@org/errors';
import type { Runtime } from '@org/runtime';
import { isAway, type Forwarded } from './forward-batch.ts';

/** How a relay is, told in the log when that changes. */
export interface RelayState {
  /** How many looks in a row found broker or database away. */
  readonly away: number;
  looked(forwarded: Forwarded): void;
  /** The database did not take part. */
  lost(error: ServiceError): void;
  /** @throws {ServiceError} unavailable, OUTBOX_WAITING, while broker or database are away. */
  assertWell(): void;
}

export function createRelayState(logger: Runtime['logger']): RelayState {
  let away = 0;
  let why: ServiceError | undefined;
  const gone = (error: ServiceError) => {
    away += 1;
    why = error;
    if (away === 1) logger.warn({ err: error }, 'The outbox keeps what it has: broker or database are away');
  };
  return {
    get away() {
      return away;
    },
    looked({ delivered, failed }) {
      const [first] = failed;
      if (first && delivered.length === 0 && failed.every(({ cause }) => isAway(cause))) return gone(first.cause);
      if (delivered.length > 0) {
        if (away > 0) logger.info('The outbox hands on what it has again');
        away = 0;
      }
      tellOf(failed, logger);
    },
    lost: gone,
    assertWell() {
      if (!why || away === 0) return;
      const message = `The outbox keeps what it has, since broker or database are away: ${why.message}`;
      throw new ServiceError('unavailable', message, { reason: 'OUTBOX_WAITING', cause: why });
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
