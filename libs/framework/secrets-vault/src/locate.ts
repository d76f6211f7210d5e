import type { SecretReference } from '@org/config';
import { secretReferenceInvalid, type SecretLocation } from '@org/secrets';
import { problemOfPath } from './vault-path.ts';

/** What a reference asks for: a path, and what stands behind `?`. */
export interface VaultLocation {
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * `vault:kv/orders/database#password`, `vault:kv/orders/database?version=3#password`,
 * `vault:pki/issue/orders?common_name=orders.shop.svc#certificate`.
 *
 * @throws {ServiceError} SECRET_REFERENCE_INVALID.
 */
export function locateReference({ text, path, key }: SecretReference, location: string): SecretLocation {
  const read = readLocation(path);
  const problem =
    problemOfPath(read.path) ??
    (read.parameters.version !== undefined && !/^[1-9]\d{0,8}$/.test(read.parameters.version)
      ? 'its `version` to be a whole number from 1 up'
      : undefined);
  if (problem)
    throw secretReferenceInvalid({
      doing: `read \`${text}\` at ${location}`,
      why: `expected ${problem}, got something else`,
    });
  return { path, ...(key !== undefined && { key }) };
}

/** Takes the path of a location apart again. */
export function readLocation(written: string): VaultLocation {
  const [path = '', query = ''] = written.split(/\?(.*)/s);
  return { path, parameters: Object.fromEntries(new URLSearchParams(query)) };
}
