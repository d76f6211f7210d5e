import type { Code } from '@org/errors';

/** What becomes of a failure that the server tells. */
export interface Meaning {
  readonly code: Code;
  readonly reason: string;
  /** In one clause. It holds nothing of what the server says, in which there may be values. */
  readonly why: string;
}

// The identity function marks each pair of code and reason as one that is given.
const meaning = (known: Meaning): Meaning => known;

const connecting = meaning({
  code: 'unavailable',
  reason: 'DATABASE_UNAVAILABLE',
  why: 'the server takes no connections at the moment',
});
const full = meaning({
  code: 'resource_exhausted',
  reason: 'DATABASE_FULL',
  why: 'the server has no room left. See its disk and memory',
});
const refused = meaning({
  code: 'unauthenticated',
  reason: 'DATABASE_LOGIN_REFUSED',
  why: 'the server refuses user or password',
});
const damaged = meaning({
  code: 'data_loss',
  reason: 'DATABASE_DAMAGED',
  why: 'files of the database are damaged. Restore it from a backup',
});

/** By the five characters of the state, or by its class, the first two. */
const meanings: Readonly<Record<string, Meaning>> = {
  '08': connecting,
  '22': meaning({
    code: 'invalid_argument',
    reason: 'VALUE_INVALID',
    why: 'a value does not fit its column or function: too long, out of range or malformed',
  }),
  '23502': meaning({
    code: 'invalid_argument',
    reason: 'NOT_NULL_VIOLATION',
    why: 'a column that needs a value has none',
  }),
  '23503': meaning({
    code: 'failed_precondition',
    reason: 'FOREIGN_KEY_VIOLATION',
    why: 'what it refers to is not there, or something still refers to it',
  }),
  '23505': meaning({
    code: 'already_exists',
    reason: 'UNIQUE_VIOLATION',
    why: 'there is one with the same key already',
  }),
  '23514': meaning({ code: 'invalid_argument', reason: 'CHECK_VIOLATION', why: 'a value breaks a rule of its table' }),
  '23P01': meaning({
    code: 'failed_precondition',
    reason: 'EXCLUSION_VIOLATION',
    why: 'it collides with what is there already',
  }),
  '25006': meaning({
    code: 'failed_precondition',
    reason: 'DATABASE_READ_ONLY',
    why: 'the transaction or the server only reads. Write where that is allowed',
  }),
  '25P02': meaning({
    code: 'failed_precondition',
    reason: 'TRANSACTION_FAILED',
    why: 'an earlier statement of its transaction failed. Put what may fail into a transaction of its own inside',
  }),
  '25P03': meaning({
    code: 'deadline_exceeded',
    reason: 'TRANSACTION_IDLE',
    why: 'its transaction did nothing for longer than DATABASE_TRANSACTION_IDLE, and was undone',
  }),
  '28': refused,
  '3D000': meaning({
    code: 'failed_precondition',
    reason: 'DATABASE_MISSING',
    why: 'the server has no database of that name. Create it',
  }),
  '40001': meaning({
    code: 'aborted',
    reason: 'SERIALIZATION_FAILURE',
    why: 'another transaction changed what it read. Try it again',
  }),
  '40P01': meaning({
    code: 'aborted',
    reason: 'DEADLOCK',
    why: 'it and another transaction waited for each other. Try it again, and lock in the same order everywhere',
  }),
  '42501': meaning({
    code: 'permission_denied',
    reason: 'DATABASE_PERMISSION_DENIED',
    why: 'the user of the service may not do that. Grant it to the user',
  }),
  '53': full,
  '53300': connecting,
  '55P03': meaning({
    code: 'aborted',
    reason: 'LOCK_TIMEOUT',
    why: 'somebody else held a lock for longer than DATABASE_LOCK_TIMEOUT, or than the statement waits. Try it again',
  }),
  '57014': meaning({
    code: 'deadline_exceeded',
    reason: 'STATEMENT_TIMEOUT',
    why: 'it took longer than DATABASE_STATEMENT_TIMEOUT, or an operator ended it',
  }),
  '57P': connecting,
  XX001: damaged,
  XX002: damaged,
};

const unexpected = meaning({
  code: 'internal',
  reason: 'STATEMENT_REFUSED',
  why: 'the server refuses the statement. The cause in the log says what is wrong with it',
});

/** @see https://www.postgresql.org/docs/18/errcodes-appendix.html */
export function meaningOf(state: string): Meaning {
  return meanings[state] ?? meanings[state.slice(0, 3)] ?? meanings[state.slice(0, 2)] ?? unexpected;
}
