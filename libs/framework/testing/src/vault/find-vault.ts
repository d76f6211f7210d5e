import { readFile } from 'node:fs/promises';
import type { Requirement } from '../skip-unless.ts';
import { askVault, type VaultAccess } from './ask-vault.ts';
import { startVaultDouble, type VaultDouble } from './vault-double.ts';

/** What a test needs that a double is not enough for. */
export const vaultRequirement: Requirement = {
  what: 'Vault or OpenBao',
  get: 'start one in development mode, and set VAULT_ADDR and VAULT_TOKEN (its root token)',
  obtainable: false,
};

/** A Vault to test with, and what it is: results name it. */
export interface FoundVault extends AsyncDisposable {
  /** `the double`, or such as `Vault 1.19.0` or `OpenBao 2.4.1`. */
  readonly implementation: string;
  /** With a token that may set up what tests need. */
  readonly root: VaultAccess;
  /** `undefined` for a real one, which has no switches. */
  readonly double: VaultDouble | undefined;
}

/**
 * The Vault or OpenBao at `VAULT_ADDR`, where `VAULT_TOKEN` may do anything, else a double of the test's own. A test
 * makes names of its own there, and deletes them. `VAULT_NAMESPACE` and `VAULT_CACERT` mean what they mean to Vault's client.
 *
 * @throws {Error} when `VAULT_ADDR` is set and nothing answers there, or it is sealed.
 */
export async function findVault(environment: NodeJS.ProcessEnv = process.env): Promise<FoundVault> {
  const { VAULT_ADDR: url, VAULT_TOKEN: token, VAULT_NAMESPACE: namespace, VAULT_CACERT: file } = environment;
  if (!url || !token) {
    const double = await startVaultDouble();
    const root = { url: double.url, token: double.rootToken };
    return { implementation: 'the double', root, double, [Symbol.asyncDispose]: () => double[Symbol.asyncDispose]() };
  }
  const authority = file && (await readFile(file, 'utf8'));
  const root = { url: url.replace(/\/$/, ''), token, ...(namespace && { namespace }), ...(authority && { authority }) };
  const answer = await askVault(root, 'GET', 'sys/health?standbyok=true', undefined, [503]);
  if (answer.status === 503) throw new Error(`Expected the Vault at ${url} to be unsealed, got a sealed one`);
  const { version } = answer.body as { readonly version: string };
  // OpenBao began with version 2, and Vault has not got there.
  const implementation = `${/^v?2\./.test(version) ? 'OpenBao' : 'Vault'} ${version}`;
  return { implementation, root, double: undefined, [Symbol.asyncDispose]: () => Promise.resolve() };
}
