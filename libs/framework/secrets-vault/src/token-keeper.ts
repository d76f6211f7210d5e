import { untilAborted } from '@org/context';
import type { ServiceError } from '@org/errors';
import { renewAfterMs, retryAfterMs, type ProviderRuntime } from '@org/secrets';
import type { VaultClient } from './client.ts';
import { grantedIn, type Granted, type Login } from './logins/login.ts';
import { refusalOf } from './vault-errors.ts';

export interface TokenKeeperOptions {
  readonly client: VaultClient;
  readonly login: Login;
  readonly runtime: Pick<ProviderRuntime, 'logger' | 'clock'>;
}

/** A token in force. */
export interface Held {
  readonly token: string;
  readonly renewable: boolean;
  readonly since: number;
  readonly endsAt: number;
  /** How long it was to last when it was had, in milliseconds. */
  readonly termMs: number;
}

/** Has a token when one is needed: it logs in then, renews the token in time, and logs in again when that does not go on. */
export interface TokenKeeper {
  /** @throws {ServiceError} of the login. */
  token(signal: AbortSignal): Promise<Held>;
  current(): Held | undefined;
  /** Takes a token for ended, whatever it promised. */
  drop(token: string): void;
  /** Calls the listener when another token took the place of one, with which its leases end. Gives what ends that. */
  readonly onReplaced: (listener: () => void) => () => void;
  /** Why the last login or renewal failed; `undefined` when it went well. */
  readonly failure: () => ServiceError | undefined;
  /** Renews no more, and gives all tokens that still run. */
  stop(): readonly Held[];
}

/** How many tokens that were replaced are kept in mind, to be revoked at the end. */
const mostRetired = 16;

export function createTokenKeeper({ client, login, runtime }: TokenKeeperOptions): TokenKeeper {
  const { logger, clock } = runtime;
  const stopping = new AbortController();
  const listeners = new Set<() => void>();
  const retired: Held[] = [];
  let held: Held | undefined;
  let pending: Promise<Held> | undefined;
  let failures = 0;
  let failure: ServiceError | undefined;
  // Too many refused logins would lock a role out.
  let refusedUntil = 0;
  let cancelTimer = () => {};

  const take = ({ token, renewable, ttlMs }: Granted, askedAt: number, renewed?: Held): Held => {
    const before = held;
    const { since, termMs } = renewed ?? { since: askedAt, termMs: ttlMs };
    held = { token, renewable, since, termMs, endsAt: askedAt + ttlMs };
    [failures, failure, refusedUntil] = [0, undefined, 0];
    schedule(renewAfterMs(ttlMs, clock));
    if (before && before.token !== held.token) {
      retired.push(before);
      if (retired.length > mostRetired) retired.shift();
      for (const listener of listeners) listener();
    }
    return held;
  };

  const note = (thrown: unknown): ServiceError => {
    failure = thrown as ServiceError;
    failures += 1;
    return failure;
  };

  const logIn = async (): Promise<Held> => {
    const askedAt = clock.now();
    if (failure && askedAt < refusedUntil) throw failure;
    try {
      return take(await login.logIn(client, stopping.signal), askedAt);
    } catch (thrown) {
      const error = note(thrown);
      if (error.code === 'unauthenticated') refusedUntil = clock.now() + retryAfterMs(failures, clock);
      throw error;
    }
  };
  const logInOnce = () => (pending ??= logIn().finally(() => (pending = undefined)));

  /** Whether the token goes on for as long as it did. */
  const renew = async (current: Held): Promise<boolean> => {
    const doing = `renew the token at ${client.location}`;
    const askedAt = clock.now();
    const path = 'auth/token/renew-self';
    const answer = await client.ask({ method: 'POST', path, token: current.token, signal: stopping.signal, doing });
    if (answer.status >= 429) throw refusalOf(doing, answer);
    if (answer.status !== 200) return false;
    const granted = grantedIn(answer, doing, current.token);
    take(granted, askedAt, current);
    // Near the most that it may last, Vault grants less and less.
    return granted.ttlMs >= current.termMs / 2;
  };

  /** In the background, where nobody else tells of what fails. */
  const turn = async (): Promise<void> => {
    const current = held;
    if (!current || stopping.signal.aborted) return;
    const before = failure;
    try {
      const goesOn = current.renewable && clock.now() < current.endsAt && (await renew(current));
      if (goesOn) return;
      const next = await logInOnce();
      if (next.token === current.token) warnOfEnd(next);
      else logger.info(`Logged in again at ${client.location}: what was leased before is read again`);
    } catch (error) {
      if (stopping.signal.aborted) return;
      // A login has noted it already.
      if (failure !== error) note(error);
      if (failure && before?.code !== failure.code) tell(failure);
      schedule(Math.max(refusedUntil - clock.now(), retryAfterMs(failures, clock)));
    }
  };

  /** A Vault that is away is told of by whoever reads from it; credentials that it does not take wait for a person. */
  const tell = ({ code, reason, message }: ServiceError) => {
    if (code === 'unavailable' || code === 'deadline_exceeded') logger.warn({ code, reason }, message);
    else logger.error({ code, reason }, message);
  };

  let warnedOf = '';
  const warnOfEnd = ({ token, endsAt }: Held) => {
    if (warnedOf === token) return;
    warnedOf = token;
    const end = new Date(endsAt).toISOString();
    logger.warn(`The token at ${client.location} ends at ${end}, and nothing prolongs it. Give another before`);
  };

  function schedule(ms: number) {
    cancelTimer();
    cancelTimer = Number.isFinite(ms) && !stopping.signal.aborted ? clock.after(ms, () => void turn()) : () => {};
  }

  return {
    token: async (signal) => (held && clock.now() < held.endsAt ? held : untilAborted(signal, logInOnce)),
    current: () => held,
    drop(token) {
      if (held?.token === token) held = { ...held, endsAt: 0 };
    },
    onReplaced(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    failure: () => failure,
    stop() {
      stopping.abort();
      cancelTimer();
      return [...retired, ...(held ? [held] : [])].filter(({ endsAt }) => endsAt > clock.now());
    },
  };
}
