import { createRotatingSecret, type Secret, type SecretValue } from '@org/config';
import type { ServiceError } from '@org/errors';
import { callProvider } from './call.ts';
import { doingTo, type SecretsCore } from './core.ts';
import { repeat } from './repeat.ts';
import { createReport, type Failure } from './report.ts';
import { refreshAfterMs, renewAfterMs, retryAfterMs } from './schedule.ts';
import { isTransient, takeReading, type Generation } from './take.ts';
import { pick, sameValue } from './value.ts';

/** A path that is read again, renewed and replaced for as long as the store is open. */
export interface Followed {
  readonly path: string;
  /** The whole of what lies there. */
  readonly secret: Secret<SecretValue>;
  readonly generation: () => Generation;
  /** `undefined` while the last attempt went well. */
  readonly failure: () => Failure | undefined;
  /**
   * One value of it, or all. From then on no generation without that key is taken.
   *
   * @throws {ServiceError} SECRET_KEY_MISSING, SECRET_UNUSABLE.
   */
  use(key: string | undefined): Secret<SecretValue>;
  /** Has another generation read soon. */
  readonly changed: () => void;
  /** Calls the listener when another value or version is in force. Gives what ends that. */
  onGeneration(listener: () => void): () => void;
  stop(): void;
}

/** Goes on from the first reading of a path. */
export function follow(core: SecretsCore, path: string, first: Awaited<ReturnType<typeof takeReading>>): Followed {
  const { clock, leases, logger, provider } = core;
  const rotating = createRotatingSecret<SecretValue>(first.value);
  const { secret } = rotating;
  const doing = doingTo(core, 'read', path);
  const reference = `${core.scheme}:${path}`;
  const report = createReport(core, path);
  const keys = new Set<string | undefined>();
  const listeners = new Set<() => void>();
  let { generation } = first;
  let stopped = false;

  /** Whether the lease goes on for long enough, so that nothing else needs to be read. */
  const renew = async (): Promise<boolean> => {
    const { lease, endsAt, termMs } = generation;
    const askedAt = clock.now();
    if (!lease?.renewable || !provider.renew || askedAt >= endsAt) return false;
    try {
      const renewing = { operation: 'renew', doing: doingTo(core, 'renew the lease of', path) } as const;
      const granted = await callProvider(core, renewing, (signal) => provider.renew!(lease, { signal }));
      generation = { ...generation, lease: granted, endsAt: askedAt + granted.durationMs, confirmedAt: askedAt };
      leases.hold(granted, generation.endsAt);
      // Near the most that a lease may last the store grants less and less.
      return granted.durationMs >= termMs / 2;
    } catch (error) {
      if (stopped || isTransient(error)) throw error;
      logger.info({ reference }, `${(error as ServiceError).message}. Another value is read`);
      return false;
    }
  };

  const replace = async (): Promise<void> => {
    const next = await takeReading(core, path, keys);
    if (stopped) return;
    const isOther = !sameValue(secret.reveal(), next.value);
    const isNews = isOther || next.generation.version !== generation.version;
    ({ generation } = next);
    if (isOther) {
      logger.info({ reference, version: generation.version }, `${reference} has changed`);
      tell(() => rotating.rotate(next.value));
    }
    if (isNews) for (const listener of listeners) listener();
  };

  /** What listeners throw is theirs, and may hold the value: it is counted, and not repeated. */
  const tell = (work: () => void) => {
    try {
      work();
    } catch (error) {
      const count = error instanceof AggregateError ? error.errors.length : 1;
      logger.error({ reference, listeners: count }, `Listeners of ${reference} failed at its new value`);
    }
  };

  const nextMs = () => {
    const { lease } = generation;
    return lease ? renewAfterMs(lease.durationMs, clock) : refreshAfterMs(core.maxAgeMs, clock);
  };
  const repeated = repeat(clock, nextMs(), async (isDue) => {
    try {
      if (!(isDue && (await renew()))) await replace();
      if (!stopped) report.succeeded(generation);
      return nextMs();
    } catch (error) {
      return stopped ? 0 : retryAfterMs(report.failed(error as ServiceError, generation).attempts, clock);
    }
  });

  return {
    path,
    secret,
    generation: () => generation,
    failure: report.failure,
    use(key) {
      pick(secret.reveal(), key, doing);
      keys.add(key);
      return secret.map((value) => pick(value, key, doing));
    },
    changed: repeated.now,
    onGeneration(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop() {
      stopped = true;
      repeated.stop();
    },
  };
}
