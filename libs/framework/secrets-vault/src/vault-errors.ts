import { ServiceError, type Code, type ServiceErrorOptions } from '@org/errors';
import { secretDenied, secretMissing, secretStoreUnavailable, secretUnusable } from '@org/secrets';
import type { VaultAnswer } from './client.ts';

/** There is no address to ask at. */
export function notConfigured(): ServiceError {
  const message = 'Cannot open Vault: a variable refers to it, and VAULT_ADDR is not set. Set it, and VAULT_AUTH';
  return new ServiceError('failed_precondition', message, { reason: 'VAULT_ADDRESS_MISSING' });
}

/** A file that a variable names cannot be read, or holds nothing. */
export function fileUnusable(
  doing: string,
  { variable, file, why }: { variable: string; file: string; why: string },
): ServiceError {
  const message = `Cannot ${doing}: the file ${file} of ${variable} ${why}. See that it is there, and that the service may read it`;
  return new ServiceError('failed_precondition', message, { reason: 'VAULT_FILE_UNUSABLE' });
}

/** Nobody answers at the address, or not in the way that it says. */
export function connectError(doing: string, error: NodeJS.ErrnoException): ServiceError {
  const { code = error.message.slice(0, 100) } = error;
  if (isAboutTls(code)) {
    const why = `TLS does not fit (${code}). Name its authority by VAULT_CACERT, and see that VAULT_ADDR says \`https://\` and a name of its certificate`;
    return failed({ code: 'failed_precondition', reason: 'VAULT_TLS_MISMATCH' }, { doing, why, cause: error });
  }
  const why = `nobody answers there (${code}). See that Vault is running and can be reached, or set VAULT_ADDR`;
  return secretStoreUnavailable({ doing, why, cause: error });
}

/** A redirect to where the token must not go. */
export function redirectRefused(doing: string, target: string | undefined): ServiceError {
  const why = `it is a standby that sends elsewhere (${target ?? 'nowhere'}), where the token is not sent. Name that node in VAULT_NODES, or have VAULT_ADDR lead to the active one`;
  return failed({ code: 'unavailable', reason: 'VAULT_REDIRECT_REFUSED' }, { doing, why });
}

/** More than any secret has. */
export function answerTooLarge(doing: string, limitBytes: number): ServiceError {
  return secretUnusable({
    doing,
    why: `the answer has more than ${limitBytes} bytes. Keep there what is a secret alone`,
  });
}

/** An answer of good status that does not hold what it should. */
export function answerUnreadable(doing: string): ServiceError {
  const why = 'the answer is none of Vault. See that VAULT_ADDR leads to it, and what stands in between';
  return failed({ code: 'internal', reason: 'VAULT_ANSWER_UNREADABLE' }, { doing, why });
}

/** Vault, or what is in front of it, limits how often it is asked. */
export function rateLimited(doing: string, retryAfterMs: number): ServiceError {
  const why = `too many requests. It is asked again in ${Math.ceil(retryAfterMs / 1000)} s`;
  return failed(
    { code: 'resource_exhausted', reason: 'VAULT_RATE_LIMITED' },
    { doing, why, details: { retryAfterMs } },
  );
}

/** Somebody else wrote in between. */
export function versionConflict(doing: string): ServiceError {
  const why = 'it has another version by now. Read it again, and decide anew';
  return failed({ code: 'aborted', reason: 'VAULT_VERSION_CONFLICT' }, { doing, why });
}

/** What Vault does not do because of what it was asked. */
export function requestRefused(doing: string, said: string): ServiceError {
  return failed(
    { code: 'invalid_argument', reason: 'VAULT_REQUEST_REFUSED' },
    { doing, why: `Vault refuses it (${said})` },
  );
}

/** The error of an answer whose status is none of success. */
export function refusalOf(doing: string, { status, said, retryAfterMs }: VaultAnswer): ServiceError {
  if (status === 403) {
    return secretDenied({ doing, why: `this service may not (${said}). Have a policy of its role or token grant it` });
  }
  if (status === 404) {
    return secretMissing({ doing, why: `there is nothing (${said}). Write it, or name another path` });
  }
  if (status === 429) return rateLimited(doing, retryAfterMs ?? 1_000);
  // With 400 a key-value engine says that it was just mounted, or is being upgraded.
  const isUpgrading = said.includes('Upgrading from non-versioned');
  if (status === 412 || status >= 472 || isUpgrading) {
    return secretStoreUnavailable({ doing, why: unavailableBecause(status, said) });
  }
  if (said.includes('check-and-set parameter did not match')) return versionConflict(doing);
  if (said.includes('unknown role')) return secretMissing({ doing, why: `Vault has no such role (${said})` });
  return requestRefused(doing, said);
}

/** @see https://developer.hashicorp.com/vault/api-docs/system/health#parameters for the statuses from 472 to 503. */
function unavailableBecause(status: number, said: string): string {
  if (/sealed/i.test(said)) return 'it is sealed. Unseal it';
  if (/not active|standby/i.test(said)) return `no node of it is active (${said}). See how the cluster is`;
  return `it does not work now (${status}, ${said}). See its logs, and what stands in front of it`;
}

function isAboutTls(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_|EPROTO|^ERR_(TLS|SSL|OSSL)/.test(code);
}

interface Failed extends ServiceErrorOptions {
  readonly doing: string;
  readonly why: string;
}

function failed(kind: { code: Code; reason: string }, { doing, why, ...options }: Failed): ServiceError {
  return new ServiceError(kind.code, `Cannot ${doing}: ${why}`, { ...options, reason: kind.reason });
}
