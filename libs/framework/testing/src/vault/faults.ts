import { refuse, wrapped, type VaultReply } from './reply.ts';

/** What a Vault that does not do its work can do instead. */
export type VaultFault =
  /** Answers 503 to all but health. @see https://developer.hashicorp.com/vault/docs/concepts/seal */
  | { readonly kind: 'sealed' }
  /** Sends clients to the active node, or knows of none. @see https://developer.hashicorp.com/vault/docs/concepts/ha#client-redirection */
  | { readonly kind: 'standby'; readonly active?: string }
  /** @see https://developer.hashicorp.com/vault/docs/concepts/resource-quotas#rate-limit-quotas */
  | { readonly kind: 'rate-limited'; readonly retryAfterSeconds?: number }
  /** Answers as ever, but so much later. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Answers with JSON of so many bytes. */
  | { readonly kind: 'huge'; readonly bytes: number }
  /** Answers with this, such as what a proxy in front of it says. */
  | { readonly kind: 'answer'; readonly status: number; readonly errors?: readonly string[]; readonly text?: string }
  /** Ends the connection without an answer. */
  | { readonly kind: 'cut' };

/** Which requests have a fault. */
export interface FaultScope {
  /** Below `/v1/`. Default: all. */
  readonly path?: RegExp;
  /** How many requests have it; then it is over. Default: all. */
  readonly times?: number;
}

/** What stands in the place of the answer; `undefined` where the fault leaves the answer as it is. */
export function faultReply(fault: VaultFault, path: string, search: string): VaultReply | undefined {
  if (fault.kind === 'sealed') return path === 'sys/health' ? undefined : refuse(503, 'Vault is sealed');
  if (fault.kind === 'standby') return path === 'sys/health' ? undefined : redirect(fault.active, path, search);
  if (fault.kind === 'rate-limited') return rateLimited(fault.retryAfterSeconds, path);
  if (fault.kind === 'huge') return { status: 200, body: { data: { filler: 'x'.repeat(fault.bytes) } } };
  if (fault.kind === 'answer') {
    const { status, errors, text } = fault;
    return text === undefined ? refuse(status, ...(errors ?? [])) : { status, body: text };
  }
  return undefined;
}

function redirect(active: string | undefined, path: string, search: string): VaultReply {
  if (active === undefined) {
    return refuse(500, wrapped('local node not active but active cluster node not found'));
  }
  return { status: 307, headers: { location: `${active}/v1/${path}${search}` } };
}

/** The headers are only there where the cluster was told to send them (`enable_rate_limit_response_headers`). */
function rateLimited(seconds: number | undefined, path: string): VaultReply {
  const headers: Record<string, string> = {};
  if (seconds !== undefined) headers['retry-after'] = headers['x-ratelimit-reset'] = String(seconds);
  return { ...refuse(429, `request path "${path}": rate limit quota exceeded`), headers };
}

/** The status by which `sys/health` says what a node is. @see https://developer.hashicorp.com/vault/api-docs/system/health */
export function healthStatus(fault: VaultFault | undefined, query: URLSearchParams): number {
  if (fault?.kind === 'sealed') return 503;
  return fault?.kind === 'standby' && query.get('standbyok') !== 'true' ? 429 : 200;
}
