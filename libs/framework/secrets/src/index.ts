// What services use.
export type { Secrets } from './open-secrets.ts';
export type { StoredSecret } from './stored-secret.ts';

// What adapters and tests use.
export { systemClock, type Clock } from './clock.ts';
export { defineSecretStore, type DefinedSecretStore, type SecretStoreDefinition } from './define-secret-store.ts';
export type {
  ProviderOptions,
  ProviderRuntime,
  SecretLease,
  SecretLocation,
  SecretProvider,
  SecretReading,
  SecretsRuntime,
} from './provider.ts';
export { renewAfterMs, retryAfterMs } from './schedule.ts';
export {
  secretDenied,
  secretKeyMissing,
  secretLoginRefused,
  secretMissing,
  secretReferenceInvalid,
  secretStoreTimeout,
  secretStoreUnavailable,
  secretUnusable,
  type SecretFailure,
} from './secrets-errors.ts';
