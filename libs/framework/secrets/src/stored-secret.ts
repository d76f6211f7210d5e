import type { Secret, SecretValue } from '@org/config';
import type { Followed } from './follow.ts';

/** A secret that follows its store, with what the store says of the value now in force. */
export interface StoredSecret extends Secret<SecretValue> {
  /** Which generation it is; `undefined` where the store numbers none. */
  readonly version: string | undefined;
  /** The term for which the value holds; `undefined` when it has none. */
  readonly lease: { readonly endsAt: Date; readonly renewable: boolean } | undefined;
}

/**
 * One value of a path, or all of them.
 *
 * @throws {ServiceError} SECRET_KEY_MISSING, SECRET_UNUSABLE.
 */
export function storedSecret(followed: Followed, key: string | undefined): StoredSecret {
  const version = () => followed.generation().version;
  return Object.defineProperties(followed.use(key), {
    version: { get: version },
    lease: { get: () => leaseOf(followed) },
  }) as StoredSecret;
}

export function leaseOf(followed: Followed): StoredSecret['lease'] {
  const { lease, endsAt } = followed.generation();
  return lease && { endsAt: new Date(endsAt), renewable: lease.renewable ?? false };
}
