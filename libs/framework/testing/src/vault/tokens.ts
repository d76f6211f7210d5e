import { randomBytes } from 'node:crypto';
import { parseSeconds } from './duration.ts';
import { expire, renewedSeconds, revokeToken } from './expiry.ts';
import { envelope, forbidden, invalid, noContent, ok, refuse, unsupportedPath } from './reply.ts';
import type { VaultAuth, VaultCall, VaultReply } from './reply.ts';
import { isoTime, systemTtlSeconds, type Mount, type Token, type VaultState } from './state.ts';

/** What a role or a request says about tokens. @see https://developer.hashicorp.com/vault/api-docs/auth/approle#token_ttl */
export interface TokenTraits {
  readonly policies: readonly string[];
  /** Whether the policy `default` is left out. */
  readonly withoutDefault?: boolean;
  readonly path: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly ttlSeconds?: number;
  readonly maxTtlSeconds?: number;
  readonly periodSeconds?: number;
  readonly renewable?: boolean;
  readonly uses?: number;
  readonly type?: 'service' | 'batch';
}

export function createToken(state: VaultState, namespace: string, traits: TokenTraits): Token {
  const { metadata = {}, maxTtlSeconds = systemTtlSeconds, periodSeconds = 0, type = 'service', uses = 0 } = traits;
  const wanted = periodSeconds || traits.ttlSeconds || systemTtlSeconds;
  const ttlSeconds = periodSeconds === 0 && maxTtlSeconds > 0 ? Math.min(wanted, maxTtlSeconds) : wanted;
  const issuedAt = state.now();
  const token: Token = {
    id: `hv${type === 'batch' ? 'b' : 's'}.${randomBytes(18).toString('base64url')}`,
    accessor: randomBytes(18).toString('base64url'),
    policies: [...new Set([...(traits.withoutDefault ? [] : ['default']), ...traits.policies])].sort(),
    namespace,
    path: traits.path,
    metadata,
    type,
    // A batch token is never renewed. @see https://developer.hashicorp.com/vault/docs/concepts/tokens#token-type-comparison
    renewable: type === 'service' && (traits.renewable ?? true),
    issuedAt,
    ttlSeconds,
    maxTtlSeconds,
    periodSeconds,
    expiresAt: issuedAt + ttlSeconds * 1000,
    usesLeft: uses,
  };
  state.tokens.set(token.id, token);
  return token;
}

export function authOf(token: Token, leaseSeconds = token.ttlSeconds): VaultAuth {
  return {
    client_token: token.id,
    accessor: token.type === 'batch' ? '' : token.accessor,
    policies: token.policies,
    token_policies: token.policies,
    metadata: token.metadata,
    lease_duration: leaseSeconds,
    renewable: token.renewable,
    entity_id: '',
    token_type: token.type,
    orphan: true,
    num_uses: token.usesLeft,
  };
}

/** What the request of a role, or of a token, says about the token. */
export function traitsFrom(body: Readonly<Record<string, unknown>>, prefix: '' | 'token_'): Partial<TokenTraits> {
  const seconds = (name: string) => parseSeconds(body[`${prefix}${name}`]);
  const [ttlSeconds, maxTtlSeconds] = [seconds('ttl'), seconds(prefix ? 'max_ttl' : 'explicit_max_ttl')];
  const periodSeconds = seconds('period');
  const uses = body[prefix ? 'token_num_uses' : 'num_uses'];
  const type = body[prefix ? 'token_type' : 'type'];
  return {
    policies: listOf(body[`${prefix}policies`]),
    ...(ttlSeconds && { ttlSeconds }),
    ...(maxTtlSeconds && { maxTtlSeconds }),
    ...(periodSeconds && { periodSeconds }),
    ...(typeof uses === 'number' && { uses }),
    ...((type === 'batch' || type === 'service') && { type }),
    ...(body.renewable === false && { renewable: false }),
    ...(body[`${prefix}no_default_policy`] === true && { withoutDefault: true }),
  };
}

/** `auth/token`. @see https://developer.hashicorp.com/vault/api-docs/auth/token */
export function createTokenStore(state: VaultState): Mount {
  return { type: 'token', options: {}, handle: (call) => handle(state, call) };
}

async function handle(state: VaultState, call: VaultCall): Promise<VaultReply> {
  const own = state.tokens.get(call.token ?? '');
  const { body, path } = call;
  if (!own) return forbidden;
  if (path === 'create' || path === 'create-orphan') {
    const traits = traitsFrom(body, '');
    const policies = traits.policies?.length ? traits.policies : own.policies.filter((name) => name !== 'default');
    const token = createToken(state, call.namespace, { ...traits, policies, path: `auth/token/${path}` });
    return envelope({ auth: authOf(token) });
  }
  if (path === 'lookup-self') return ok(lookUp(state, own));
  if (path === 'lookup') {
    const found = state.tokens.get(String(body.token));
    return found ? ok(lookUp(state, found)) : refuse(403, 'bad token');
  }
  if (path === 'renew-self') return renew(state, own, parseSeconds(body.increment) ?? 0);
  if (path === 'revoke-self' || path === 'revoke') {
    await revokeToken(state, path === 'revoke' ? String(body.token) : own.id);
    return noContent;
  }
  return unsupportedPath;
}

function lookUp(state: VaultState, token: Token) {
  const { expiresAt, lastRenewalAt } = token;
  return {
    id: token.id,
    accessor: token.accessor,
    policies: token.policies,
    path: token.path,
    meta: token.metadata,
    num_uses: token.usesLeft,
    orphan: true,
    creation_time: Math.floor(token.issuedAt / 1000),
    creation_ttl: token.ttlSeconds,
    expire_time: expiresAt === undefined ? null : isoTime(expiresAt),
    ttl: expiresAt === undefined ? 0 : Math.floor((expiresAt - state.now()) / 1000),
    explicit_max_ttl: 0,
    renewable: token.renewable && expiresAt !== undefined,
    type: token.type,
    ...(token.periodSeconds > 0 && { period: token.periodSeconds }),
    ...(lastRenewalAt !== undefined && { last_renewal: isoTime(lastRenewalAt) }),
    ...(token.namespace && { namespace_path: `${token.namespace}/` }),
  };
}

async function renew(state: VaultState, token: Token, increment: number): Promise<VaultReply> {
  if (token.expiresAt === undefined) return invalid('invalid lease ID');
  if (!token.renewable) return invalid('lease is not renewable');
  const now = state.now();
  const { seconds, warnings } = renewedSeconds(token, increment, now);
  token.expiresAt = now + seconds * 1000;
  token.lastRenewalAt = now;
  await expire(state);
  return envelope({ auth: authOf(token, seconds), ...(warnings.length > 0 && { warnings }) });
}

/** A list, also where it is written with commas. */
export function listOf(given: unknown): string[] {
  if (Array.isArray(given)) return given.map(String);
  return typeof given === 'string' && given !== '' ? given.split(',').map((item) => item.trim()) : [];
}
