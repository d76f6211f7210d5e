import { defineSettings, type SecretValue } from '@org/config';
import { defineSecretStore, type DefinedSecretStore } from '../define-secret-store.ts';
import { systemClock, type Clock } from '../clock.ts';
import type { ProviderOptions, ProviderRuntime, SecretProvider } from '../provider.ts';
import { secretMissing } from '../secrets-errors.ts';

/** How long what is read holds. */
export interface MemoryLease {
  readonly durationMs: number;
  /** How often it can be renewed. Default: 0. */
  readonly renewals?: number;
  /** How long it may run in all, renewals included, in milliseconds. Default: for ever. */
  readonly longestMs?: number;
}

export interface MemorySecretsOptions {
  /** Default: `memory`. */
  readonly scheme?: string;
  /** Whether the store tells of changes by itself. Default: `true`. */
  readonly watches?: boolean;
  /** Default: that of the port, five minutes. */
  readonly maxAgeMs?: number;
  /** Default: that of the port, five seconds. */
  readonly timeoutMs?: number;
}

/** A secret store in the memory of a test, which does what the test says. */
export interface MemorySecrets {
  /** For `secrets` of a service. */
  readonly store: DefinedSecretStore<object>;
  /** Puts a value in place of another; with a lease, `value` makes other credentials at each read, numbered from 1. */
  put(path: string, value: SecretValue | ((number: number) => SecretValue), lease?: MemoryLease): void;
  remove(path: string): void;
  /** Has every call fail from now on; `undefined` mends it. */
  fail(error: Error | undefined): void;
  /** Has every call wait until its signal aborts. */
  hang(): void;
  /** Has no lease be renewed from now on. */
  refuseRenewals(): void;
  /** Tells that a path may have changed, though it has not. */
  touch(path: string): void;
  /** What was asked, in order: `read kv/orders`, `renew lease-1`, `revoke lease-1`. */
  readonly calls: readonly string[];
  /** The leases that run: `lease-1` is that of the first reading that had one. */
  running(): readonly string[];
}

interface Held {
  readonly value: SecretValue | ((number: number) => SecretValue);
  readonly lease: MemoryLease | undefined;
  readonly version: number;
}

/** Makes an empty store. Several services may open it. */
export function createMemorySecrets(options: MemorySecretsOptions = {}): MemorySecrets {
  const { scheme = 'memory', watches = true, maxAgeMs, timeoutMs } = options;
  const held = new Map<string, Held>();
  const granted = new Map<string, { endsAt: number; renewals: number; mostAt: number }>();
  const watching = new Set<{ readonly path: string; readonly changed: () => void }>();
  const calls: string[] = [];
  let failure: Error | undefined;
  let hangs = false;
  let renews = true;
  let versions = 0;
  let leases = 0;
  let clock: Clock = systemClock;

  const touch = (path: string) => {
    for (const each of watching) if (each.path === path) each.changed();
  };
  const answer = async ({ signal }: ProviderOptions, call?: string) => {
    if (call) calls.push(call);
    if (hangs) await aborted(signal);
    if (failure) throw failure;
  };

  const provider: SecretProvider = {
    location: 'the memory of a test',
    ...(maxAgeMs !== undefined && { maxAgeMs }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    async read(path, given) {
      await answer(given, `read ${path}`);
      const found = held.get(path);
      if (!found)
        throw secretMissing({ doing: `read \`${path}\` in memory`, why: 'there is no such secret. Put it there' });
      const { value, lease, version } = found;
      if (!lease) return { value: valueOf(value, version), version: String(version) };
      leases += 1;
      const id = `lease-${leases}`;
      const { durationMs, renewals = 0, longestMs = Infinity } = lease;
      granted.set(id, { endsAt: clock.now() + durationMs, renewals, mostAt: clock.now() + longestMs });
      const term = { id, durationMs, renewable: renewals > 0 };
      return { value: valueOf(value, leases), version: String(leases), lease: term };
    },
    async renew({ id = '', durationMs }, given) {
      await answer(given, `renew ${id}`);
      const { endsAt = 0, renewals = 0, mostAt = 0 } = granted.get(id) ?? {};
      if (!renews || renewals === 0 || endsAt <= clock.now()) {
        throw secretMissing({ doing: `renew \`${id}\` in memory`, why: 'there is no such lease' });
      }
      const grantedMs = Math.min(durationMs, mostAt - clock.now());
      granted.set(id, { endsAt: clock.now() + grantedMs, renewals: renewals - 1, mostAt });
      return { id, durationMs: grantedMs, renewable: true };
    },
    async revoke({ id = '' }, given) {
      await answer(given, `revoke ${id}`);
      granted.delete(id);
    },
    ...(watches && {
      watch(path: string, changed: () => void) {
        const entry = { path, changed };
        watching.add(entry);
        return { [Symbol.dispose]: () => void watching.delete(entry) };
      },
    }),
    check: (signal) => answer({ signal }),
    [Symbol.asyncDispose]: async () => {},
  };

  const open = (_: object, runtime: ProviderRuntime) => {
    ({ clock } = runtime);
    return provider;
  };

  return {
    store: defineSecretStore({ scheme, settings: defineSettings({}), open }),
    put(path, value, lease) {
      versions += 1;
      held.set(path, { value, lease, version: versions });
      touch(path);
    },
    remove(path) {
      held.delete(path);
      touch(path);
    },
    fail(error) {
      failure = error;
      hangs = false;
    },
    hang: () => void (hangs = true),
    refuseRenewals: () => void (renews = false),
    touch,
    calls,
    running: () => [...granted].flatMap(([id, { endsAt }]) => (endsAt > clock.now() ? id : [])),
  };
}

function valueOf(value: Held['value'], number: number): SecretValue {
  return typeof value === 'function' ? value(number) : value;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}
