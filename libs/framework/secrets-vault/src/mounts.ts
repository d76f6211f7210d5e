import { secretDenied } from '@org/secrets';
import type { VaultAnswer, VaultAsk } from './client.ts';
import { answerUnreadable, refusalOf } from './vault-errors.ts';
import { encodePath } from './vault-path.ts';

/** A secrets engine where it is mounted. */
export interface SecretsMount {
  /** With a slash at its end. */
  readonly path: string;
  /** Such as `kv`, `database` or `pki`. */
  readonly type: string;
  /** Of a key-value engine: whether it keeps versions. */
  readonly isVersioned: boolean;
}

export interface Mounts {
  /** The mount that a path is in. @throws {ServiceError} SECRET_DENIED, also when there is none. */
  find(path: string, signal: AbortSignal): Promise<SecretsMount>;
  /** Asks anew the next time: an engine may have been upgraded, or another mounted in its place. */
  forget(mount: SecretsMount): void;
}

const mostMounts = 100;

/** @see https://developer.hashicorp.com/vault/api-docs/system/internal-ui-mounts */
export function createMounts(
  ask: (request: Omit<VaultAsk, 'token'>) => Promise<VaultAnswer>,
  location: string,
): Mounts {
  const known = new Map<string, SecretsMount>();
  return {
    async find(path, signal) {
      const found = [...known.values()].find((mount) => `${path}/`.startsWith(mount.path));
      if (found) return found;
      const doing = `find the secrets engine of \`${path}\` at ${location}`;
      const at = `sys/internal/ui/mounts/${encodePath(path)}`;
      const answer = await ask({ method: 'GET', path: at, signal, doing });
      if (answer.status === 403) {
        const why = `there is none, or this service may do nothing in it (${answer.said}). Mount it, or have a policy of its role or token grant the path`;
        throw secretDenied({ doing, why });
      }
      if (answer.status !== 200) throw refusalOf(doing, answer);
      const { path: mountPath, type, options } = answer.body.data ?? {};
      if (typeof mountPath !== 'string' || typeof type !== 'string') throw answerUnreadable(doing);
      const version = (options as { version?: unknown } | null | undefined)?.version;
      const mount = { path: mountPath, type, isVersioned: type === 'kv' && version === '2' };
      if (known.size >= mostMounts) known.clear();
      known.set(mountPath, mount);
      return mount;
    },
    forget: ({ path }) => void known.delete(path),
  };
}
