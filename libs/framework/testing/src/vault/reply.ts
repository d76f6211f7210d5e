import { randomUUID } from 'node:crypto';

/** A request as the engines of the double see it. */
export interface VaultCall {
  /** `LIST` comes as `GET` with `?list=true`; `PUT` is `POST`. */
  readonly method: 'GET' | 'LIST' | 'POST' | 'DELETE';
  /** Below `/v1/`, of an engine below its mount; decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** The token that the request carries, whether it is good or not. */
  readonly token: string | undefined;
  /** From `X-Vault-Namespace`, without slashes around it; empty for the root. */
  readonly namespace: string;
}

export interface VaultReply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A parameter as a text; empty where it is none. */
export function textOf(given: unknown): string {
  return typeof given === 'string' || typeof given === 'number' ? String(given) : '';
}

/** What a login or a renewal gives. */
export interface VaultAuth {
  readonly client_token: string;
  readonly accessor: string;
  readonly policies: readonly string[];
  readonly token_policies: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly lease_duration: number;
  readonly renewable: boolean;
  readonly entity_id: string;
  readonly token_type: string;
  readonly orphan: boolean;
  readonly num_uses: number;
}

export interface ReplyParts {
  readonly data?: unknown;
  readonly lease_id?: string;
  readonly renewable?: boolean;
  readonly lease_duration?: number;
  readonly warnings?: readonly string[];
  readonly auth?: VaultAuth;
  readonly wrap_info?: object;
}

/** The envelope around whatever Vault answers with. @see https://developer.hashicorp.com/vault/api-docs */
export function envelope(parts: ReplyParts, status = 200): VaultReply {
  const { data = null, warnings = null, auth = null, wrap_info = null } = parts;
  const { lease_id = '', renewable = false, lease_duration = 0 } = parts;
  const lease = { lease_id, renewable, lease_duration };
  return { status, body: { request_id: randomUUID(), ...lease, data, wrap_info, warnings, auth } };
}

export function ok(data: unknown): VaultReply {
  return envelope({ data });
}

export const noContent: VaultReply = { status: 204 };

/** Errors come as `{"errors":["…"]}`. @see https://developer.hashicorp.com/vault/api-docs#error-response */
export function refuse(status: number, ...errors: readonly string[]): VaultReply {
  return { status, body: { errors } };
}

/** What an engine refuses because of what it was given. */
export function invalid(error: string): VaultReply {
  return refuse(400, error);
}

/** Nothing is there, or nothing that may be shown: no error is named. */
export const nothingThere: VaultReply = refuse(404);

/** How Vault prints an error that went through several hands. */
export function wrapped(error: string): string {
  return `1 error occurred:\n\t* ${error}\n\n`;
}

export const unsupportedPath: VaultReply = refuse(404, wrapped('unsupported path'));
export const unsupportedOperation: VaultReply = refuse(405, wrapped('unsupported operation'));
/** A token that is missing, unknown or expired. */
export const unknownToken: VaultReply = refuse(403, 'permission denied');
/** A good token whose policies do not grant the path. */
export const forbidden: VaultReply = refuse(403, wrapped('permission denied'));
