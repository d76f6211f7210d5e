import { expire, revokeToken } from './expiry.ts';
import { healthStatus, type VaultFault } from './faults.ts';
import { capabilitiesAt, neededFor } from './policies.ts';
import { forbidden, refuse, unknownToken } from './reply.ts';
import type { VaultCall, VaultReply } from './reply.ts';
import type { Mount, Namespace, Token, VaultState } from './state.ts';
import { findMount, handleSystem, tellMount, type SystemOptions } from './system.ts';

/** What the double says of itself, in place of a version of Vault's. */
export const doubleVersion = '1.19.0-double';

/** Answers a request as Vault does, as far as the double has what it asks for. */
export async function answer(options: SystemOptions, call: VaultCall, fault?: VaultFault): Promise<VaultReply> {
  const { state } = options;
  await expire(state);
  const { path } = call;
  if (path === 'sys/health') return health(state, fault, call.query);
  if (path === 'sys/seal-status') {
    return {
      status: 200,
      body: { type: 'shamir', initialized: true, sealed: false, t: 1, n: 1, progress: 0, version: doubleVersion },
    };
  }
  const namespace = state.namespaces.get(call.namespace);
  if (!namespace) return refuse(404, 'namespace not found');
  if (path.startsWith('sys/internal/ui/mounts/')) return tellMount(state, namespace, { ...call, path: path.slice(4) });
  const auth = path.startsWith('auth/') ? findMount(namespace.auths, path.slice(5)) : undefined;
  if (auth && /\/login$/.test(path)) return auth.mount.handle({ ...call, path: path.slice(5 + auth.path.length) });
  // Whoever has a wrapping token needs no other; of one that is not good no more is said.
  if (path.startsWith('sys/wrapping/')) {
    return handleSystem(options, namespace, { ...call, path: path.slice(4) });
  }
  return withToken(options, namespace, call, auth);
}

async function withToken(
  options: SystemOptions,
  namespace: Namespace,
  call: VaultCall,
  auth: { readonly path: string; readonly mount: Mount } | undefined,
): Promise<VaultReply> {
  const { state } = options;
  const token = state.tokens.get(call.token ?? '');
  // A token of one namespace is good in it and below it.
  if (!token || !isBelow(call.namespace, token.namespace)) return unknownToken;
  const { path } = call;
  const secrets = auth ?? findMount(namespace.mounts, path);
  const below = secrets && path.slice((auth ? 5 : 0) + secrets.path.length);
  const exists = below === undefined ? true : (secrets?.mount.exists?.(below) ?? true);
  const granted = capabilitiesAt(state, token, path);
  const needed = neededFor(call.method, exists);
  if (!granted.includes(needed)) return forbidden;
  try {
    if (path.startsWith('sys/')) return await handleSystem(options, namespace, { ...call, path: path.slice(4) });
    if (!secrets || below === undefined) return refuse(404, `no handler for route "${path}". route entry not found.`);
    return await secrets.mount.handle({ ...call, path: below });
  } finally {
    await use(state, token);
  }
}

/** A token with a number of uses is gone after the last one. */
async function use(state: VaultState, token: Token): Promise<void> {
  if (token.usesLeft === 0) return;
  if (token.usesLeft === 1) await revokeToken(state, token.id);
  else token.usesLeft -= 1;
}

function isBelow(namespace: string, above: string): boolean {
  return above === '' || namespace === above || namespace.startsWith(`${above}/`);
}

/** @see https://developer.hashicorp.com/vault/api-docs/system/health */
function health(state: VaultState, fault: VaultFault | undefined, query: URLSearchParams): VaultReply {
  return {
    status: healthStatus(fault, query),
    body: {
      initialized: true,
      sealed: fault?.kind === 'sealed',
      standby: fault?.kind === 'standby',
      performance_standby: false,
      replication_performance_mode: 'disabled',
      replication_dr_mode: 'disabled',
      server_time_utc: Math.floor(state.now() / 1000),
      version: doubleVersion,
    },
  };
}
