import { startVaultDouble, type VaultDouble } from './vault-double.ts';

/** A Vault to test with, and what it is: results name it. */
export interface FoundVault extends AsyncDisposable {
  /** `the double`, or such as `Vault 1.19.0` or `OpenBao 2.4.1`. */
  readonly implementation: string;
  readonly url: string;
  /** Of a token that may set up what tests need. */
  readonly rootToken: string;
  /** `undefined` for a real one, which has no switches. */
  readonly double: VaultDouble | undefined;
}

/**
 * The Vault or OpenBao at `VAULT_ADDR`, where `VAULT_TOKEN` may do anything, else a double of the test's own. A test
 * makes names of its own there, and deletes them.
 *
 * @throws {Error} when `VAULT_ADDR` is set and nothing answers there, or it is sealed.
 */
export async function findVault(environment: NodeJS.ProcessEnv = process.env): Promise<FoundVault> {
  const { VAULT_ADDR: url, VAULT_TOKEN: rootToken } = environment;
  if (!url || !rootToken) {
    const double = await startVaultDouble();
    const { url: at, rootToken: root } = double;
    return {
      implementation: 'the double',
      url: at,
      rootToken: root,
      double,
      [Symbol.asyncDispose]: () => double[Symbol.asyncDispose](),
    };
  }
  const version = await versionOf(url);
  // OpenBao began with version 2, and Vault has not got there.
  const implementation = `${/^v?2\./.test(version) ? 'OpenBao' : 'Vault'} ${version}`;
  return {
    implementation,
    url: url.replace(/\/$/, ''),
    rootToken,
    double: undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function versionOf(url: string): Promise<string> {
  const response = await fetch(new URL('/v1/sys/health', url), { signal: AbortSignal.timeout(5_000) });
  const { sealed, version } = (await response.json()) as { sealed: boolean; version: string };
  if (sealed) throw new Error(`Expected the Vault at ${url} to be unsealed, got a sealed one`);
  return version;
}
