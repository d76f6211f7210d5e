import { hasAudience, problemOfTimes, readClaims, type Claims } from './json-web-token.ts';
import { parseSeconds } from './duration.ts';
import { envelope, invalid, noContent, ok, refuse, textOf, unsupportedPath } from './reply.ts';
import type { VaultCall, VaultReply } from './reply.ts';
import type { Mount, VaultState } from './state.ts';
import { authOf, createToken, listOf, traitsFrom } from './tokens.ts';

type Settings = Readonly<Record<string, unknown>>;

/** How a method judges a token: metadata for Vault's own, or what it answers instead. */
type Judge = (claims: Claims | string, role: Settings, state: VaultState) => Record<string, string> | VaultReply;

/** The auth method JWT, with public keys. @see https://developer.hashicorp.com/vault/api-docs/auth/jwt */
export function createJwtMethod(state: VaultState): Mount {
  return method(state, {
    type: 'jwt',
    keys: 'jwt_validation_pubkeys',
    unknownRole: (name) => `role "${name}" could not be found`,
    judge: judgeJwt,
  });
}

/**
 * The auth method Kubernetes. Where Vault asks the cluster about a token (TokenReview), the double checks the signature
 * by `pem_keys` and the times. @see https://developer.hashicorp.com/vault/api-docs/auth/kubernetes
 */
export function createKubernetesMethod(state: VaultState): Mount {
  return method(state, {
    type: 'kubernetes',
    keys: 'pem_keys',
    unknownRole: (name) => `invalid role name "${name}"`,
    judge: judgeServiceAccount,
  });
}

interface Kind {
  readonly type: string;
  readonly keys: string;
  readonly unknownRole: (name: string) => string;
  readonly judge: Judge;
}

function method(state: VaultState, { type, keys, unknownRole, judge }: Kind): Mount {
  const roles = new Map<string, Settings>();
  let config: Settings = {};
  const login = ({ body, namespace }: VaultCall): VaultReply => {
    if (!body.role) return invalid('missing role');
    const name = textOf(body.role);
    const role = roles.get(name);
    if (!role) return invalid(unknownRole(name));
    if (!body.jwt) return invalid(type === 'jwt' ? 'missing token' : 'missing jwt');
    const judged = judge(readClaims(textOf(body.jwt), listOf(config[keys])), role, state);
    if (isReply(judged)) return judged;
    const traits = { policies: [], ...traitsFrom(role, 'token_') };
    const metadata = { role: name, ...judged };
    return envelope({
      auth: authOf(createToken(state, namespace, { ...traits, metadata, path: `auth/${type}/login` })),
    });
  };
  return {
    type,
    options: {},
    exists: (path) => roles.has(path.replace(/^role\//, '')),
    handle(call) {
      const role = /^role\/([^/]+)$/.exec(call.path)?.[1];
      if (call.path === 'login' && call.method === 'POST') return login(call);
      if (call.path === 'config' && call.method === 'POST') return ((config = call.body), noContent);
      if (role === undefined) return unsupportedPath;
      if (call.method === 'POST') return (roles.set(role, call.body), noContent);
      if (call.method === 'DELETE') return (roles.delete(role), noContent);
      return ok(roles.get(role) ?? {});
    },
  };
}

function judgeJwt(claims: Claims | string, role: Settings, state: VaultState): ReturnType<Judge> {
  if (typeof claims === 'string') return invalid(`error validating token: ${claims}`);
  const clockSkew = parseSeconds(role.clock_skew_leeway) || 60;
  const problem = problemOfTimes(claims, state.now(), { clockSkew });
  if (problem) return invalid(`error validating token: ${problem}`);
  const audiences = listOf(role.bound_audiences);
  if (audiences.length === 0 && claims.aud !== undefined) {
    return invalid('audience claim found in JWT but no audiences bound to the role');
  }
  if (audiences.length > 0 && !hasAudience(claims, audiences)) {
    return invalid(
      'error validating token: invalid audience (aud) claim: audience claim does not match any expected audience',
    );
  }
  if (role.bound_subject !== undefined && claims.sub !== role.bound_subject) {
    return invalid('error validating token: invalid subject (sub) claim');
  }
  const userClaim = textOf(role.user_claim) || 'sub';
  if (claims[userClaim] === undefined) return invalid(`claim "${userClaim}" not found in token`);
  return {};
}

function judgeServiceAccount(claims: Claims | string, role: Settings, state: VaultState): ReturnType<Judge> {
  // The cluster does not know the token: Vault says no more than that.
  if (typeof claims === 'string') return refuse(403, 'permission denied');
  const problem = problemOfTimes(claims, state.now(), { clockSkew: 10 });
  if (problem) return refuse(403, problem);
  const [, namespace = '', name = ''] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(claims.sub ?? '') ?? [];
  if (!isBound(role.bound_service_account_names, name)) return refuse(403, 'service account name not authorized');
  if (!isBound(role.bound_service_account_namespaces, namespace)) return refuse(403, 'namespace not authorized');
  if (role.audience !== undefined && !hasAudience(claims, [textOf(role.audience)])) {
    return refuse(403, 'invalid audience (aud) claim: audience claim does not match any expected audience');
  }
  return { service_account_name: name, service_account_namespace: namespace };
}

function isBound(bound: unknown, given: string): boolean {
  return listOf(bound).some((each) => each === '*' || each === given);
}

function isReply(judged: ReturnType<Judge>): judged is VaultReply {
  return typeof (judged as VaultReply).status === 'number';
}
