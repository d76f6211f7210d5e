import { secretLoginRefused } from '@org/secrets';
import type { ServiceError } from '@org/errors';
import type { VaultAnswer, VaultClient } from '../client.ts';
import { answerUnreadable, refusalOf } from '../vault-errors.ts';

/** A token, and how long it holds. */
export interface Granted {
  readonly token: string;
  /** From the moment of the answer; infinite where it never ends. */
  readonly ttlMs: number;
  readonly renewable: boolean;
}

/** One way to say to Vault who this is. */
export interface Login {
  /** Whether the token was made for this service alone, which then ends it. */
  readonly isOwn: boolean;
  /** @throws {ServiceError} SECRET_LOGIN_REFUSED, VAULT_FILE_UNUSABLE; SECRET_STORE_UNAVAILABLE, … when another attempt may go well. */
  logIn(client: VaultClient, signal: AbortSignal): Promise<Granted>;
}

/** The token of a login or a renewal. */
export function grantedIn(answer: VaultAnswer, doing: string, token?: string): Granted {
  const { client_token = token, lease_duration, renewable } = answer.body.auth ?? {};
  if (typeof client_token !== 'string' || typeof lease_duration !== 'number') throw answerUnreadable(doing);
  // A token without an end has the duration 0.
  return {
    token: client_token,
    ttlMs: lease_duration > 0 ? lease_duration * 1000 : Infinity,
    renewable: renewable === true,
  };
}

/** The error of a login that did not go well: what is wrong with who asks is told apart from what is wrong with Vault. */
export function loginError(answer: VaultAnswer, doing: string, remedy: string): ServiceError {
  const isRefused = answer.status === 400 || answer.status === 403 || answer.status === 404;
  if (!isRefused) return refusalOf(doing, answer);
  return secretLoginRefused({
    doing,
    why: `Vault does not take this service for who it says it is (${answer.said}). ${remedy}`,
  });
}
