import { secretMissing } from '@org/secrets';
import type { VaultAnswer } from './client.ts';
import type { Connection } from './connection.ts';
import type { SecretsMount } from './mounts.ts';
import { answerUnreadable, refusalOf } from './vault-errors.ts';
import { encodePath } from './vault-path.ts';

/** What lies at a path of a secrets engine. */
export interface SecretData {
  readonly data: Readonly<Record<string, unknown>>;
  /** Of a key-value engine that keeps versions. */
  readonly version?: number;
}

/** Where the values of a path are read and written: an engine that keeps versions has them below `data/`. */
export function dataPath(mount: SecretsMount, path: string): string {
  const below = path.slice(mount.path.length);
  return encodePath(mount.isVersioned ? `${mount.path}data/${below}` : path);
}

export interface ReadDataOptions {
  readonly path: string;
  /** Default: the latest. */
  readonly version?: number | string | undefined;
  readonly signal: AbortSignal;
  /** As in "Cannot read …". */
  readonly doing: string;
}

/**
 * What lies at a path of a mount, and the answer that it came in.
 *
 * @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version
 * @throws {ServiceError} SECRET_MISSING, SECRET_DENIED, …
 */
export async function readData(
  { ask, mounts }: Pick<Connection, 'ask' | 'mounts'>,
  mount: SecretsMount,
  { path, version, signal, doing }: ReadDataOptions,
): Promise<{ readonly answer: VaultAnswer; readonly secret: SecretData }> {
  const at = dataPath(mount, path);
  const query = version === undefined ? '' : `?version=${version}`;
  const answer = await ask({ method: 'GET', path: `${at}${query}`, signal, doing });
  // By now another engine may be mounted there, or this one keep versions.
  if (answer.status === 404) mounts.forget(mount);
  return { answer, secret: secretDataIn(answer, { path: at, doing }, mount) };
}

function secretDataIn(
  answer: VaultAnswer,
  { path, doing }: { readonly path: string; readonly doing: string },
  mount: SecretsMount,
): SecretData {
  const { data } = answer.body;
  if (answer.status === 404) throw missing(answer, doing, path, mount);
  if (answer.status === 405 && mount.type !== 'kv') {
    const why = `the engine \`${mount.type}\` gives nothing to read there`;
    throw refusalOf(doing, { ...answer, said: `${answer.said}: ${why}` });
  }
  if (answer.status !== 200) throw refusalOf(doing, answer);
  if (!isObject(data)) throw answerUnreadable(doing);
  if (!mount.isVersioned) return { data };
  const { version } = isObject(data.metadata) ? data.metadata : {};
  if (!isObject(data.data) || typeof version !== 'number') throw answerUnreadable(doing);
  return { data: data.data, version };
}

function missing({ body, said }: VaultAnswer, doing: string, path: string, mount: SecretsMount): Error {
  const metadata = body.data?.metadata;
  if (isObject(metadata)) {
    const state = metadata.destroyed === true ? 'was destroyed' : 'was deleted';
    const why = `its version ${String(metadata.version)} ${state}. Undelete it where that is possible, or write another`;
    return secretMissing({ doing, why });
  }
  const isDoubled = mount.isVersioned && path.startsWith(`${encodePath(mount.path)}data/data/`);
  const hint = isDoubled ? 'Leave `data/` out of the path' : 'Write it, or name another path';
  return secretMissing({ doing, why: `there is nothing (${said}). ${hint}` });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
