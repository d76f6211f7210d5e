import type { VaultAnswer } from './client.ts';
import { createTokenKeeper, type Held, type TokenKeeperOptions } from './token-keeper.ts';
import { refusalOf } from './vault-errors.ts';

/** Who this service is for Vault. */
export interface Session extends AsyncDisposable {
  /** Whether leases end with the session, since its tokens were made for this service alone. */
  readonly endsLeases: boolean;
  /** Asks with a token. Where Vault does not know it any more, it is asked again with another, once. */
  ask(signal: AbortSignal, ask: (token: string) => Promise<VaultAnswer>): Promise<VaultAnswer>;
  /** Calls the listener when another token took the place of one, with which its leases end. Gives what ends that. */
  readonly onReplaced: (listener: () => void) => () => void;
  /** Rejects when there is no token, or the one there is could not be renewed. */
  check(signal: AbortSignal): Promise<void>;
}

const revokeMs = 2_000;
/** A token that is younger is not taken for unknown: where one may not look itself up, each refusal would make another. */
const trustedMs = 30_000;

export function createSession(options: TokenKeeperOptions): Session {
  const { client, login, runtime } = options;
  const { clock, logger } = runtime;
  const keeper = createTokenKeeper(options);

  /** Vault says 403 to a token that it does not know, and to one that may not. */
  const isUnknown = async (used: Held, signal: AbortSignal): Promise<boolean> => {
    if (keeper.current()?.token !== used.token) return true;
    if (clock.now() - used.since < trustedMs) return false;
    const doing = `look up the token at ${client.location}`;
    const path = 'auth/token/lookup-self';
    return (await client.ask({ method: 'GET', path, token: used.token, signal, doing })).status === 403;
  };

  const revoke = async ({ token }: Held): Promise<void> => {
    const doing = `revoke the token at ${client.location}`;
    const signal = AbortSignal.timeout(revokeMs);
    try {
      const answer = await client.ask({ method: 'POST', path: 'auth/token/revoke-self', token, signal, doing });
      // It may have ended meanwhile.
      if (answer.status >= 300 && answer.status !== 403) throw refusalOf(doing, answer);
    } catch (error) {
      logger.warn(`A token was not given back, and runs out by itself: ${(error as Error).message}`);
    }
  };

  return {
    endsLeases: login.isOwn,
    onReplaced: keeper.onReplaced,
    async check(signal) {
      const failure = keeper.failure();
      if (!failure) return;
      const current = keeper.current();
      if (current && clock.now() < current.endsAt) throw failure;
      await keeper.token(signal);
    },
    async ask(signal, ask) {
      const used = await keeper.token(signal);
      const answer = await ask(used.token);
      if (answer.status !== 403 || !(await isUnknown(used, signal))) return answer;
      keeper.drop(used.token);
      return ask((await keeper.token(signal)).token);
    },
    async [Symbol.asyncDispose]() {
      const running = keeper.stop();
      if (login.isOwn) await Promise.all(running.map(revoke));
    },
  };
}
