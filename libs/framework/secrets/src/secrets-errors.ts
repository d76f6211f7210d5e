import { ServiceError, type Code } from '@org/errors';

/** What failures of all stores have in common. Nothing of it may hold a value or a token. */
export interface SecretFailure {
  /** What was being done, to what and where: ``read `kv/orders` at https://vault:8200``, as in "Cannot read …". */
  readonly doing: string;
  /** What went wrong and what to do about it, in one clause. */
  readonly why: string;
  /** An error that is clean itself: the fields of a client's may hold its headers. */
  readonly cause?: unknown;
}

/** The reference is none that this store could follow. */
export function secretReferenceInvalid(failure: SecretFailure): ServiceError {
  return failed({ code: 'invalid_argument', reason: 'SECRET_REFERENCE_INVALID' }, failure);
}

/** There is no such secret. Another attempt finds it only when somebody makes it. */
export function secretMissing(failure: SecretFailure): ServiceError {
  return failed({ code: 'not_found', reason: 'SECRET_MISSING' }, failure);
}

/** The secret is there, and has no value of that key. */
export function secretKeyMissing(failure: SecretFailure): ServiceError {
  return failed({ code: 'not_found', reason: 'SECRET_KEY_MISSING' }, failure);
}

/** What is there is no secret that a service could take: empty, too large, no text. */
export function secretUnusable(failure: SecretFailure): ServiceError {
  return failed({ code: 'failed_precondition', reason: 'SECRET_UNUSABLE' }, failure);
}

/** This service may not read it. */
export function secretDenied(failure: SecretFailure): ServiceError {
  return failed({ code: 'permission_denied', reason: 'SECRET_DENIED' }, failure);
}

/** The store does not take this service for who it says it is. */
export function secretLoginRefused(failure: SecretFailure): ServiceError {
  return failed({ code: 'unauthenticated', reason: 'SECRET_LOGIN_REFUSED' }, failure);
}

/** The store is away, sealed or overloaded. The same call may go well soon. */
export function secretStoreUnavailable(failure: SecretFailure): ServiceError {
  return failed({ code: 'unavailable', reason: 'SECRET_STORE_UNAVAILABLE' }, failure);
}

/** The store did not answer in time. */
export function secretStoreTimeout(doing: string, timeoutMs: number): ServiceError {
  const why = `no answer within ${timeoutMs} ms. See how the store is, and the way to it`;
  return failed({ code: 'deadline_exceeded', reason: 'SECRET_STORE_TIMEOUT' }, { doing, why });
}

/** Something that no provider foresaw. What it says may hold anything, so only its name is told. */
export function secretStoreFailed(doing: string, name: string): ServiceError {
  const why = `something unexpected went wrong in its provider (${name})`;
  return failed({ code: 'internal', reason: 'SECRET_STORE_FAILED' }, { doing, why });
}

/** More paths are followed than one store may. */
export function tooManySecrets(doing: string, most: number): ServiceError {
  const why = `${most} secrets are followed already. Read a secret once, and keep what that gives`;
  return failed({ code: 'resource_exhausted', reason: 'SECRETS_TOO_MANY' }, { doing, why });
}

/** The store was closed. */
export function secretsClosed(doing: string): ServiceError {
  return failed({ code: 'cancelled', reason: 'SECRETS_CLOSED' }, { doing, why: 'the store is closed' });
}

interface Kind {
  readonly code: Code;
  readonly reason: string;
}

function failed({ code, reason }: Kind, { doing, why, cause }: SecretFailure): ServiceError {
  return new ServiceError(code, `Cannot ${doing}: ${why}`, { reason, ...(cause !== undefined && { cause }) });
}
