import type { SecretReference, SecretValue } from '@org/config';
import type { Runtime } from '@org/runtime';
import type { Clock } from './clock.ts';

/** What a store has at a path, at one moment. */
export interface SecretReading {
  /** One text, or several by key; all of them belong together. */
  readonly value: SecretValue;
  /** Tells this generation from others when people compare them, such as the number of a version. No secret. */
  readonly version?: string;
  /** For how long the value holds. Without one it holds until the store has another, and is read again by its age. */
  readonly lease?: SecretLease;
}

/** A term for which a value holds: of credentials that the store made for this service, or of a certificate. */
export interface SecretLease {
  /** What the store knows it by, for `renew` and `revoke`. Never printed. */
  readonly id?: string;
  /** From the moment of the answer, in milliseconds. */
  readonly durationMs: number;
  /** Whether `renew` may prolong it. Default: `false`, so that another value is read before it ends. */
  readonly renewable?: boolean;
}

/** Where a value lies in a store. */
export interface SecretLocation {
  /** What is read at once and changes as a whole. */
  readonly path: string;
  /** One value of it; without a key, all of it. */
  readonly key?: string;
}

export interface ProviderOptions {
  /** Aborts when the time of the call is over or the store is closed. */
  readonly signal: AbortSignal;
}

/**
 * The vendor's part of a secret store: it reads, and where its store can, it renews, revokes and watches. It keeps no values
 * and tries nothing again: caching, renewing in time, trying again, comparing and telling are the port's.
 *
 * Whatever fails is a `ServiceError` of `secrets-errors.ts`, or of a code that says whether another attempt may go well;
 * neither it nor its cause may hold a value, a token or a header. Anything else that is thrown is reported by its name alone.
 */
export interface SecretProvider extends AsyncDisposable {
  /** Where it reads, as messages say it: `https://vault:8200`, `/var/run/secrets/app`. Without a user or password. */
  readonly location: string;
  /** How old a value without a lease becomes before it is read again, in milliseconds. Default: 300 000. */
  readonly maxAgeMs?: number;
  /** How long one call may take, in milliseconds. Default: 5 000. */
  readonly timeoutMs?: number;
  /**
   * Takes a reference apart, without asking anybody. Default: path and key as they are written.
   *
   * @throws {ServiceError} of `secretReferenceInvalid` when the store can have nothing of that name.
   */
  locate?(reference: SecretReference): SecretLocation;
  /** What lies at a path now. Where the store makes credentials, each call makes others. Never called twice at once for one path. */
  read(path: string, options: ProviderOptions): Promise<SecretReading>;
  /**
   * Prolongs a lease and gives the one now in force, which may be shorter than what was asked for.
   * After an error that another attempt does not mend, such as `not_found`, another value is read at once.
   */
  renew?(lease: SecretLease, options: ProviderOptions): Promise<SecretLease>;
  /** Ends a lease when the store is closed; not when another value replaced it, since that may still be in use. */
  revoke?(lease: SecretLease, options: ProviderOptions): Promise<void>;
  /**
   * Calls `changed` whenever a path may have another value, or its lease may be gone: it is read at once then. Called after
   * the first good `read` of the path. Never throws: what cannot be watched is read by its age alone.
   */
  watch?(path: string, changed: () => void): Disposable;
  /** Rejects when the store does not answer, or not to this service. Reads no value. */
  check?(signal: AbortSignal): Promise<void>;
}

/** What a secret store is told by the kernel, or a test. */
export interface SecretsRuntime extends Pick<Runtime, 'logger' | 'service'> {
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** What a provider is told. */
export type ProviderRuntime = Required<SecretsRuntime>;
