import type { SecretValue } from '@org/config';
import { ServiceError } from '@org/errors';
import { callProvider } from './call.ts';
import { doingTo, type SecretsCore } from './core.ts';
import type { SecretLease } from './provider.ts';
import { checkValue } from './value.ts';

/** What is known of the value now in force, besides the value. */
export interface Generation {
  readonly version: string | undefined;
  readonly lease: SecretLease | undefined;
  /** How long the lease was when the value was read, in milliseconds. */
  readonly termMs: number;
  /** When the lease ends, on the store's clock; infinite without one. */
  readonly endsAt: number;
  /** When the store last said that this is the value. */
  readonly confirmedAt: number;
}

/**
 * Reads a path once, and takes only what has all keys that are in use.
 *
 * @throws {ServiceError} of the provider; SECRET_STORE_TIMEOUT, SECRET_UNUSABLE, SECRET_KEY_MISSING, …
 */
export async function takeReading(core: SecretsCore, path: string, keys: Iterable<string | undefined>) {
  const { clock, leases, provider } = core;
  const doing = doingTo(core, 'read', path);
  // A term is counted from the question on, so that the store never ends it earlier.
  const askedAt = clock.now();
  const ask = (signal: AbortSignal) => provider.read(path, { signal });
  const { value, version, lease } = await callProvider(core, { operation: 'read', doing }, ask);
  const termMs = lease?.durationMs ?? Infinity;
  leases.hold(lease, askedAt + termMs);
  try {
    checkValue(value, keys, doing);
  } catch (error) {
    await leases.end(core, lease);
    throw error;
  }
  const generation: Generation = { version, lease, termMs, endsAt: askedAt + termMs, confirmedAt: askedAt };
  return { value: frozen(value), generation };
}

/** Whether the same call may go well soon. Anything else waits for a person. */
export function isTransient(error: unknown): boolean {
  return error instanceof ServiceError && transient.has(error.code);
}

const transient: ReadonlySet<string> = new Set(['unavailable', 'deadline_exceeded', 'resource_exhausted', 'aborted']);

/** Whoever has a secret of several values holds the same object as all others. */
function frozen(value: SecretValue): SecretValue {
  return typeof value === 'string' ? value : Object.freeze({ ...value });
}
