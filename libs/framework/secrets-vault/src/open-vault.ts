import { currentCall } from '@org/context';
import type { Resource } from '@org/runtime';
import { systemClock, type SecretsRuntime } from '@org/secrets';
import {
  certificateBody,
  certificateIn,
  certificatePath,
  type Certificate,
  type CertificateRequest,
} from './certificates.ts';
import type { VaultAsk } from './client.ts';
import { openConnection } from './connection.ts';
import { dataPath, readData, type SecretData } from './secret-data.ts';
import type { VaultSettings } from './settings.ts';
import { createTransit, type Transit } from './transit.ts';
import { answerUnreadable, refusalOf } from './vault-errors.ts';
import { problemOfPath } from './vault-path.ts';

export interface VaultOptions {
  /** Ends it early, as the end of the current call does. */
  readonly signal?: AbortSignal;
}

export interface ReadSecretOptions extends VaultOptions {
  /** Default: the latest. */
  readonly version?: number;
}

export interface WriteSecretOptions extends VaultOptions {
  /** Writes only if this is the version there; 0 is none. Of engines that keep versions. */
  readonly checkAndSet?: number;
}

/**
 * An open Vault, for what is more than reading secrets by reference. Each request takes no longer than `VAULT_CLIENT_TIMEOUT`,
 * and is made once: trying again is the caller's.
 */
export interface Vault extends Resource {
  readonly kind: 'secrets';
  readonly critical: false;
  /** What lies at a path now, and which version that is. */
  read(path: string, options?: ReadSecretOptions): Promise<SecretData>;
  /**
   * Puts these values in place of all that lie at a path.
   *
   * @returns the version, of engines that keep versions.
   * @throws {ServiceError} aborted, VAULT_VERSION_CONFLICT, when `checkAndSet` is not the version there.
   */
  write(
    path: string,
    data: Readonly<Record<string, unknown>>,
    options?: WriteSecretOptions,
  ): Promise<number | undefined>;
  /** Has a certificate made, and its key. */
  issueCertificate(request: CertificateRequest, options?: VaultOptions): Promise<Certificate>;
  readonly transit: Transit;
  /** Rejects when Vault does not answer, is sealed, or does not take this service. */
  check(signal: AbortSignal): Promise<void>;
}

/**
 * Opens Vault, without asking it anything: the first call logs in.
 *
 * @throws {ServiceError} VAULT_ADDRESS_MISSING, VAULT_FILE_UNUSABLE.
 */
export async function openVault(settings: VaultSettings, runtime: SecretsRuntime): Promise<Vault> {
  const connection = await openConnection(settings, { clock: systemClock, ...runtime });
  const { location, mounts } = connection;
  const closing = new AbortController();

  const limited = (signal: AbortSignal | undefined): AbortSignal =>
    AbortSignal.any([closing.signal, signal, currentCall()?.signal].filter((each) => each !== undefined));
  const ask = (request: Omit<VaultAsk, 'token' | 'signal'>, signal: AbortSignal | undefined) =>
    connection.ask({ ...request, signal: limited(signal) });

  return {
    kind: 'secrets',
    critical: false,
    async read(path, { version, signal: given } = {}) {
      expectPath(path);
      const signal = limited(given);
      const mount = await mounts.find(path, signal);
      const doing = `read \`${path}\` at ${location}`;
      return (await readData(connection, mount, { path, version, signal, doing })).secret;
    },
    async write(path, data, { checkAndSet, signal: given } = {}) {
      expectPath(path);
      const signal = limited(given);
      const mount = await mounts.find(path, signal);
      if (checkAndSet !== undefined && !mount.isVersioned) {
        throw new TypeError(`Expected \`checkAndSet\` for an engine that keeps versions, got it for \`${mount.path}\``);
      }
      const doing = `write \`${path}\` at ${location}`;
      const options = checkAndSet === undefined ? {} : { options: { cas: checkAndSet } };
      const body = mount.isVersioned ? { data, ...options } : data;
      const secrets = Object.values(data).filter((value) => typeof value === 'string');
      const answer = await connection.ask({
        method: 'POST',
        path: dataPath(mount, path),
        body,
        signal,
        doing,
        secrets,
      });
      if (answer.status === 404) mounts.forget(mount);
      if (answer.status >= 300) throw refusalOf(doing, answer);
      if (!mount.isVersioned) return undefined;
      const version = answer.body.data?.version;
      if (typeof version !== 'number') throw answerUnreadable(doing);
      return version;
    },
    async issueCertificate(request, { signal } = {}) {
      const doing = `issue a certificate of the role \`${request.role}\` at ${location}`;
      const asked = { method: 'POST', path: certificatePath(request), body: certificateBody(request), doing } as const;
      return certificateIn(await ask(asked, signal), { doing });
    },
    transit: createTransit(ask, location),
    check: (signal) => connection.check(signal),
    async [Symbol.asyncDispose]() {
      closing.abort();
      await connection[Symbol.asyncDispose]();
    },
  };
}

function expectPath(path: string): void {
  const problem = problemOfPath(path);
  if (problem) throw new TypeError(`Expected \`path\` to be ${problem}, got \`${path}\``);
}
