import type { Fragment } from './fragment.ts';
import type { SecretReference } from './reference.ts';
import type { Secret } from './secret.ts';

/** What a store gives: one value, or several by name, such as the `username` and `password` of a pair. */
export type SecretValue = string | Readonly<Record<string, string>>;

/** Where references are resolved. */
export interface SecretSource {
  /**
   * The secret behind a reference; it follows the store when the value there changes, without being read again.
   *
   * @throws {ServiceError} whose message names neither a value nor a token: `not_found`, `permission_denied`,
   *   `unauthenticated`, `unavailable`, … Ends soon after the signal aborts.
   */
  read(reference: SecretReference, options: { readonly signal: AbortSignal }): Promise<Secret<SecretValue>>;
}

/** A kind of secret store that a service ships with. Its settings are read in the first stage and take no references. */
export interface SecretStore<StoreSettings = unknown, Runtime = unknown> {
  /** What its references begin with, without the colon: lower-case letters, digits, `+`, `.` and `-`. */
  readonly scheme: string;
  readonly settings?: Fragment<StoreSettings>;
  open(settings: StoreSettings, runtime: Runtime): Promise<SecretSource & AsyncDisposable>;
}
