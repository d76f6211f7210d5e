import type { ProviderRuntime } from '@org/secrets';
import { openClient, type VaultAnswer, type VaultAsk } from './client.ts';
import { loginOf } from './logins/login-of.ts';
import { createMounts, type Mounts } from './mounts.ts';
import { createSession, type Session } from './session.ts';
import type { VaultSettings } from './settings.ts';
import { refusalOf } from './vault-errors.ts';

/** A Vault, and who this service is there: what both the store and `openVault` consist of. */
export interface Connection extends AsyncDisposable {
  readonly location: string;
  readonly session: Session;
  readonly mounts: Mounts;
  /** Asks as this service. An answer of any status is given back. */
  ask(request: Omit<VaultAsk, 'token'>): Promise<VaultAnswer>;
  /** Rejects when Vault does not answer, does not work, or does not take this service. */
  check(signal: AbortSignal): Promise<void>;
}

/**
 * Opens a connection, without asking anybody: the first request logs in.
 *
 * @throws {ServiceError} VAULT_ADDRESS_MISSING, VAULT_FILE_UNUSABLE.
 */
export async function openConnection(settings: VaultSettings, runtime: ProviderRuntime): Promise<Connection> {
  const { logger, clock } = runtime;
  const { address = '' } = settings;
  const client = await openClient(settings, clock);
  if (isInTheClear(address))
    logger.warn(`VAULT_ADDR is ${client.location}: tokens and secrets go over the network in the clear`);
  const session = createSession({ client, login: loginOf(settings), runtime });
  const ask = (request: Omit<VaultAsk, 'token'>) =>
    session.ask(request.signal, (token) => client.ask({ ...request, token }));
  return {
    location: client.location,
    session,
    mounts: createMounts(ask, client.location),
    ask,
    async check(signal) {
      const doing = `see how Vault is at ${client.location}`;
      // A standby passes requests on. @see https://developer.hashicorp.com/vault/api-docs/system/health
      const path = 'sys/health?standbyok=true&perfstandbyok=true';
      const answer = await client.ask({ method: 'GET', path, signal, doing });
      if (answer.status !== 200) throw refusalOf(doing, answer);
      await session.check(signal);
    },
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]();
      client[Symbol.dispose]();
    },
  };
}

function isInTheClear(address: string): boolean {
  return address.startsWith('http:') && !/^(localhost|127\..*|\[::1\])$/.test(new URL(address).hostname);
}
