import { documentTooLarge, duplicateKey, resultTooLarge, updateImpossible } from '@org/documents';
import { ServiceError } from '@org/errors';

/** What was being done when something failed. */
export interface Doing {
  /** For errors: `update \`carts\``. */
  readonly what: string;
  readonly collection: string;
  /** Whether it may have left something behind. */
  readonly writes: boolean;
  /** Where the database is, without secrets. */
  readonly shown: string;
}

/** What the server says of a failure, or the driver. */
interface MongoFailure extends Error {
  readonly code?: unknown;
  readonly codeName?: unknown;
}

/** @see https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
const duplicate = [11000, 11001, 12582];
const tooLarge = [10334, 17419, 17420];
const unfit = [2, 14, 28];
const late = [50, 262];
const away = [6, 7, 89, 91, 189, 9001, 10107, 11600, 11602, 13435, 13436];
const loginRefused = [11, 18, 8000];

/** What an operation failed with, in our own words. What the server says may hold values, and is left out. */
export function translate(thrown: unknown, doing: Doing): ServiceError {
  if (thrown instanceof ServiceError) return thrown;
  const error: MongoFailure = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { what, collection } = doing;
  const cause = causeOf(error);
  const code = typeof error.code === 'number' ? error.code : undefined;
  if (code !== undefined) {
    if (duplicate.includes(code)) return duplicateKey(what, collection, indexOf(error), cause);
    if (tooLarge.includes(code)) return documentTooLarge(what, undefined, cause);
    if (unfit.includes(code))
      return updateImpossible(what, 'a document does not fit it: a field is of another type', cause);
    if (code === 17217) return resultTooLarge(what, 10_000);
    if (late.includes(code)) return timedOut(doing, cause);
    if (away.includes(code))
      return unavailable(doing, 'the server gives up its place, or stops', { sent: true, cause });
    if (code === 112) return conflict(doing, cause);
    if (code === 13) return permissionDenied(doing, cause);
    if (loginRefused.includes(code)) return credentialsRefused(doing, cause);
    if (code === 85 || code === 86) return indexConflict(doing, cause);
  }
  // The driver has no room for what is larger than the server takes.
  if (error instanceof RangeError || error.code === 'ERR_OUT_OF_RANGE') return documentTooLarge(what, undefined, cause);
  return translateDriver(error, doing, cause);
}

function translateDriver(error: Error, doing: Doing, cause: unknown): ServiceError {
  const text = textOf(error);
  if (/certificate|self[- ]signed|altname|EPROTO|ERR_SSL|ERR_TLS|wrong version number|CERT_/i.test(text)) {
    const why = 'TLS does not fit: see `tls` and `tlsCAFile` in DOCUMENTS_URL, and NODE_EXTRA_CA_CERTS';
    return new ServiceError('failed_precondition', `Cannot ${doing.what} at ${doing.shown}: ${why}`, {
      reason: 'DOCUMENTS_TLS_REFUSED',
      cause,
    });
  }
  if (/wire version/i.test(text)) {
    const why = 'the server is older than the driver takes. Upgrade it';
    return new ServiceError('failed_precondition', `Cannot ${doing.what} at ${doing.shown}: ${why}`, {
      reason: 'DOCUMENTS_VERSION_UNSUPPORTED',
      cause,
    });
  }
  switch (error.name) {
    case 'MongoServerSelectionError':
      return unavailable(doing, 'no server answers there that takes it', { sent: false, cause });
    case 'MongoWaitQueueTimeoutError':
      return poolExhausted(doing, cause);
    case 'MongoNetworkTimeoutError':
    case 'MongoOperationTimeoutError':
      return timedOut(doing, cause);
    case 'MongoNotConnectedError':
    case 'MongoTopologyClosedError':
    case 'MongoClientClosedError':
    case 'MongoServerClosedError':
      return unavailable(doing, 'the connection was closed', { sent: false, cause });
    case 'MongoPoolClearedError':
    case 'MongoPoolClosedError':
      return unavailable(doing, 'the connection was lost', { sent: false, cause });
    case 'MongoNetworkError':
      return unavailable(doing, 'the connection was lost', { sent: true, cause });
    default:
      return refused(doing, cause);
  }
}

/** Nobody knows what became of what was sent. */
export function timedOut({ what, writes }: Doing, cause?: unknown): ServiceError {
  const why = 'it took longer than DOCUMENTS_OPERATION_TIMEOUT, or than the call has';
  return new ServiceError('deadline_exceeded', `Cannot ${what}: ${why}`, {
    reason: 'DOCUMENTS_TIMEOUT',
    details: { applied: writes ? 'maybe' : 'no' },
    ...(cause !== undefined && { cause }),
  });
}

function unavailable(
  { what, shown, writes }: Doing,
  why: string,
  { sent, cause }: { readonly sent: boolean; readonly cause: unknown },
): ServiceError {
  const remedy = 'See that it runs, or set DOCUMENTS_URL';
  return new ServiceError('unavailable', `Cannot ${what} at ${shown}: ${why}. ${remedy}`, {
    reason: 'DOCUMENTS_UNAVAILABLE',
    details: { applied: sent && writes ? 'maybe' : 'no' },
    cause,
  });
}

function poolExhausted({ what }: Doing, cause: unknown): ServiceError {
  const message = `Cannot ${what}: all connections were in use all the time. Raise DOCUMENTS_POOL_SIZE`;
  const details = { applied: 'no' };
  return new ServiceError('resource_exhausted', message, { reason: 'DOCUMENTS_POOL_EXHAUSTED', details, cause });
}

function conflict({ what }: Doing, cause: unknown): ServiceError {
  const message = `Cannot ${what}: somebody else changed the same at the same time. Try it again`;
  return new ServiceError('aborted', message, { reason: 'DOCUMENTS_CONFLICT', cause });
}

function permissionDenied({ what, shown }: Doing, cause: unknown): ServiceError {
  const message = `Cannot ${what} at ${shown}: the user of the service may not do that. Grant it to the user`;
  return new ServiceError('permission_denied', message, { reason: 'DOCUMENTS_PERMISSION_DENIED', cause });
}

function credentialsRefused({ what, shown }: Doing, cause: unknown): ServiceError {
  const remedy = 'Set DOCUMENTS_CREDENTIALS, or user, password and `authSource` in DOCUMENTS_URL';
  const message = `Cannot ${what} at ${shown}: the server refuses user or password. ${remedy}`;
  return new ServiceError('unauthenticated', message, { reason: 'DOCUMENTS_LOGIN_REFUSED', cause });
}

function indexConflict({ what, collection }: Doing, cause: unknown): ServiceError {
  const why = 'there is another index of that name, or over those fields. Drop it, or give this one its name';
  return new ServiceError('failed_precondition', `Cannot ${what}: ${why}`, {
    reason: 'INDEX_CONFLICT',
    details: { collection },
    cause,
  });
}

function refused({ what }: Doing, cause: unknown): ServiceError {
  const message = `Cannot ${what}: the server or its driver refuses it. The cause in the log says why`;
  return new ServiceError('internal', message, { reason: 'DOCUMENTS_REFUSED', cause });
}

/** @throws {ServiceError} always: what the driver says of a URL may hold its password. */
export function urlInvalid(shown: string): ServiceError {
  const why = 'DOCUMENTS_URL has an option that is not known, or options that do not go together';
  return new ServiceError('invalid_argument', `Cannot open the documents at ${shown}: ${why}`, {
    reason: 'DOCUMENTS_URL_INVALID',
  });
}

/** The name of an index in `E11000 duplicate key error collection: shop.carts index: carts_email dup key: { … }`. */
function indexOf({ message }: Error): string | undefined {
  return / index: (\S+)(?: dup key|$)/.exec(message)?.[1];
}

/** The code and its name, where the server says it: its text may hold values. Else the error of driver or network. */
function causeOf(error: MongoFailure): Error {
  if (typeof error.code !== 'number') return error;
  const { code, codeName } = error;
  return new Error(`MongoDB: ${typeof codeName === 'string' ? codeName : 'error'} (${code})`);
}

/** The messages of an error and of what caused it. */
function textOf(thrown: unknown): string {
  const texts: string[] = [];
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth += 1) {
    const { code } = error as MongoFailure;
    texts.push(typeof code === 'string' ? `${code} ${error.message}` : error.message);
  }
  return texts.join(' ');
}
