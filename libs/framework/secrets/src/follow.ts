import { createRotatingSecret, type Secret, type SecretValue } from '@org/config';
import type { ServiceError } from '@org/errors';
import { callProvider } from './call.ts';
import { doingTo, type SecretsCore } from './core.ts';
import { refreshAfterMs, renewAfterMs, retryAfterMs } from './schedule.ts';
import { isTransient, takeReading, type Generation } from './take.ts';
import { pick, sameValue } from './value.ts';

/** Why a secret could not be read again, and since when. */
export interface Failure {
  readonly error: ServiceError;
  readonly since: number;
}

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
  const named = { secret: `${core.scheme}:${path}` };
  const keys = new Set<string | undefined>();
  const listeners = new Set<() => void>();
  let { generation } = first;
  let failure: Failure | undefined;
  let failures = 0;
  let toldOfEnd = false;
  let stopped = false;
  let running = false;
  let again = false;
  let cancelTimer = () => {};

  const turn = async (mayRenew: boolean): Promise<void> => {
    if (stopped) return;
    if (running) {
      again = true;
      return;
    }
    running = true;
    cancelTimer();
    try {
      if (!(mayRenew && (await renew()))) await replace();
      succeed();
    } catch (error) {
      if (!stopped) fail(error as ServiceError);
    }
    running = false;
    if (!again) return;
    again = false;
    await turn(false);
  };

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
      if (isTransient(error)) throw error;
      logger.info(
        { ...named, reason: (error as ServiceError).message },
        'A lease goes on no longer: another value is read',
      );
      return false;
    }
  };

  const replace = async (): Promise<void> => {
    const next = await takeReading(core, path, keys);
    if (stopped) return;
    const isOther = !sameValue(secret.reveal(), next.value);
    const isNews = isOther || next.generation.version !== generation.version;
    ({ generation } = next);
    toldOfEnd = false;
    if (isOther) {
      logger.info({ ...named, version: generation.version }, `${named.secret} has changed`);
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
      logger.error({ ...named, listeners: count }, `Listeners of ${named.secret} failed at its new value`);
    }
  };

  const succeed = () => {
    if (failure) {
      const seconds = Math.round((clock.now() - failure.since) / 1000);
      logger.info({ ...named, version: generation.version }, `${named.secret} is read again, after ${seconds} s`);
    }
    failure = undefined;
    failures = 0;
    schedule(
      generation.lease ? renewAfterMs(generation.lease.durationMs, clock) : refreshAfterMs(core.maxAgeMs, clock),
    );
  };

  const fail = (error: ServiceError) => {
    failures += 1;
    const { code, message } = error;
    if (!failure || kindOf(failure.error) !== kindOf(error)) {
      logger.error({ ...named, code, reason: error.reason }, `${message}. The last value stays in force`);
    }
    failure = { error, since: failure?.since ?? clock.now() };
    if (clock.now() >= generation.endsAt && !toldOfEnd) {
      toldOfEnd = true;
      logger.error(named, `The lease of ${named.secret} has ended, and there is no other value: it may be refused now`);
    }
    schedule(retryAfterMs(failures, clock));
  };

  const schedule = (ms: number) => {
    cancelTimer = stopped ? cancelTimer : clock.after(ms, () => void turn(true));
  };

  succeed();
  return {
    path,
    secret,
    generation: () => generation,
    failure: () => failure,
    use(key) {
      pick(secret.reveal(), key, doing);
      keys.add(key);
      return secret.map((value) => pick(value, key, doing));
    },
    changed: () => void turn(false),
    onGeneration(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop() {
      stopped = true;
      cancelTimer();
    },
  };
}

/** What is told anew: an outage is one thing, whether nobody answers or too late. */
function kindOf(error: ServiceError): string {
  return isTransient(error) ? 'transient' : (error.reason ?? error.code);
}
