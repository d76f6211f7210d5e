import { ServiceError } from '@org/errors';

const longest = 300;
const deepest = 5;

/**
 * Why something failed, in words that anybody may read: the message of a `ServiceError`, which holds no secret by its
 * contract; of any other error the first code in its chain of causes (`ECONNREFUSED`, `28P01`), else its name, since
 * its message may hold a URL with a password.
 */
export function reasonOf(thrown: unknown): string {
  const reason = thrown instanceof ServiceError ? thrown.message : (codeOf(thrown) ?? nameOf(thrown));
  return reason.length > longest ? `${reason.slice(0, longest - 1)}…` : reason;
}

function codeOf(thrown: unknown): string | undefined {
  let error = thrown;
  for (let depth = 0; depth < deepest && error instanceof Error; depth += 1) {
    const code: unknown = 'code' in error ? error.code : undefined;
    if (typeof code === 'string' && /^[A-Z0-9][A-Z0-9_]{1,62}$/.test(code)) return code;
    error = error.cause;
  }
  return undefined;
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error && /^[A-Za-z][\w.]{0,62}$/.test(thrown.name) ? thrown.name : 'an unknown error';
}
