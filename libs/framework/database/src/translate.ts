import { ServiceError } from '@org/errors';
import { connectionLost, failed, outcomeUnknown } from './database-errors.ts';
import { meaningOf } from './sql-state.ts';

/** What the server says of a failure. */
interface ServerError extends Error {
  /** The five characters of its state. */
  readonly code: string;
  readonly severity: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly column?: string;
}

/** Whether the server said so, as opposed to the client or the network. */
export function isServerError(error: unknown): error is ServerError {
  if (!(error instanceof Error)) return false;
  const { code, severity } = error as Partial<ServerError>;
  return typeof severity === 'string' && typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code);
}

/** Whether a failure took the connection along: the network's, or one that the server ends a session with. */
export function endsConnection(error: unknown): boolean {
  return isServerError(error) ? error.severity === 'FATAL' || error.severity === 'PANIC' : isLost(error);
}

/** What a statement is a part of: the beginning, the middle or the end of a transaction, or nothing. */
export type Part = 'begin' | 'transaction' | 'commit' | 'alone';

/** What a statement failed with, in our own words. A foreign text may hold values, and stays in the cause. */
export function translateStatement(error: unknown, doing: string, part: Part): ServiceError {
  if (error instanceof ServiceError) return error;
  if (isServerError(error)) {
    const { code, reason, why } = meaningOf(error.code);
    // A session that the server ends, such as for its restart, had not come to the end of what it ran.
    if (reason === 'DATABASE_UNAVAILABLE') return lost(error, doing, part);
    const { constraint, table, column } = error;
    const details = Object.fromEntries(Object.entries({ constraint, table, column }).filter(([, value]) => value));
    return failed({ code, reason, doing, why, details, cause: withoutValues(error) });
  }
  if (isLost(error)) return lost(error, doing, part);
  const why = 'the client of the database failed. The cause in the log says at what';
  return failed({ code: 'internal', reason: 'STATEMENT_REFUSED', doing, why, cause: error });
}

function lost(error: unknown, doing: string, part: Part): ServiceError {
  // The client refuses on its own what comes after the end of a connection.
  const sent = !/not queryable/.test((error as Error).message);
  if (sent && (part === 'alone' || part === 'commit')) return outcomeUnknown(doing, error);
  // `BEGIN` does nothing, whether it was heard or not.
  return connectionLost(doing, error, { sent: part === 'alone' ? sent : part !== 'begin' });
}

/** What a connection failed with before it could be used. */
export function translateConnect(error: unknown, shown: string): ServiceError {
  if (error instanceof ServiceError) return error;
  const doing = `open the database at ${shown}`;
  const details = { applied: 'no' };
  if (isServerError(error)) {
    const { code, reason, why } = meaningOf(error.code);
    return failed({ code, reason, doing, why: `${why}. ${remedyOf(reason)}`, cause: withoutValues(error), details });
  }
  const { code, message = '' } = error as { code?: unknown; message?: string };
  const word = typeof code === 'string' ? code : '';
  if (/CERT|TLS|SSL/.test(word) || /SSL|certificate/i.test(message)) {
    const why = `there is no trust between client and server (${word || 'no TLS'}). See \`sslmode\` and \`sslrootcert\` of DATABASE_URL`;
    return failed({ code: 'failed_precondition', reason: 'DATABASE_TLS_REFUSED', doing, why, cause: error, details });
  }
  if (/SASL|password/i.test(message)) {
    const why = 'the server asks for a password, and there is none that it takes. Set DATABASE_CREDENTIALS';
    return failed({ code: 'unauthenticated', reason: 'DATABASE_LOGIN_REFUSED', doing, why, cause: error, details });
  }
  const why = `nothing answers there${word && ` (${word})`}. Set DATABASE_URL, or see that the server runs`;
  return failed({ code: 'unavailable', reason: 'DATABASE_UNAVAILABLE', doing, why, cause: error, details });
}

function remedyOf(reason: string): string {
  if (reason === 'DATABASE_LOGIN_REFUSED') return 'Set DATABASE_CREDENTIALS, or user and password in DATABASE_URL';
  return 'Set DATABASE_URL, or see what the server says';
}

function isLost(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && /^(E[A-Z]+|ERR_(STREAM|SOCKET)_\w+)$/.test(code)) return true;
  return typeof message === 'string' && /connection (terminated|error)|not queryable|connection timeout/i.test(message);
}

/** The same error without what the server and clients add of the rows and parameters. */
function withoutValues(error: Error): Error {
  for (const name of ['detail', 'where', 'internalQuery', 'query', 'params', 'queryOptions']) {
    Reflect.deleteProperty(error, name);
  }
  return error;
}
