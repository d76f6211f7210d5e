import { readFileSync } from 'node:fs';
import { ServiceError } from '@org/errors';
import type { ConnectionOptions } from 'node:tls';

/** Where a server is, and how to speak with it, as its URL says. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly tls: false | ConnectionOptions;
}

/**
 * Reads `postgres://user:password@host:port/database`, with `sslmode` (`disable`, `require`, `verify-ca`, `verify-full`) and
 * `sslrootcert`, `sslcert`, `sslkey`, which name files. With `host` as a parameter it is the folder of a socket.
 *
 * @throws {ServiceError} invalid_argument when it asks for what is not known; failed_precondition when a file cannot be read.
 * @see https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-PARAMKEYWORDS
 */
export function readTarget(text: string): Target {
  const url = new URL(text);
  const parameters = url.searchParams;
  const unknown = [...parameters.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw urlInvalid(`its parameter \`${unknown}\` is not known; there are ${known.join(', ')}`);
  }
  const host = parameters.get('host') ?? (decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1') || 'localhost');
  return {
    host,
    port: Number(url.port || 5432),
    database: decodeURIComponent(url.pathname.slice(1)) || readLogin(text).username || 'postgres',
    tls: readTls(parameters),
  };
}

/** User and password of the same URL. */
export function readLogin(text: string): { username: string | undefined; password: string | undefined } {
  const { username, password } = new URL(text);
  return { username: decodeURIComponent(username) || undefined, password: decodeURIComponent(password) || undefined };
}

/** The same without password and parameters. */
export function showTarget({ host, port, database }: Target, user: string | undefined): string {
  return `postgres://${user === undefined ? '' : `${user}@`}${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}

const known = ['host', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'];

function readTls(parameters: URLSearchParams): false | ConnectionOptions {
  const mode = parameters.get('sslmode') ?? (parameters.has('sslrootcert') ? 'verify-full' : 'disable');
  if (mode === 'disable') return false;
  if (!['require', 'verify-ca', 'verify-full'].includes(mode)) {
    throw urlInvalid(`\`sslmode\` is one of disable, require, verify-ca and verify-full, not \`${mode}\``);
  }
  const [ca, cert, key] = ['sslrootcert', 'sslcert', 'sslkey'].map((name) => readFile(parameters, name));
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    // `require` only encrypts, unless there is somebody to trust.
    rejectUnauthorized: mode !== 'require' || ca !== undefined,
    ...(mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
  };
}

function readFile(parameters: URLSearchParams, name: string): string | undefined {
  const path = parameters.get(name);
  if (path === null) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const message = `Cannot read ${path}, which \`${name}\` of DATABASE_URL names: ${(cause as { code?: string }).code}`;
    throw new ServiceError('failed_precondition', message, { reason: 'DATABASE_TLS_REFUSED', cause });
  }
}

function urlInvalid(why: string): ServiceError {
  const message = `Cannot read DATABASE_URL: ${why}`;
  return new ServiceError('invalid_argument', message, { reason: 'DATABASE_URL_INVALID' });
}
