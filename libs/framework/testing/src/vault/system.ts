import { createAppRole } from './approle.ts';
import { createDatabaseEngine, type DatabaseUsers } from './database-engine.ts';
import { createJwtMethod, createKubernetesMethod } from './jwt-login.ts';
import { createKvV1 } from './kv-v1.ts';
import { createKvV2 } from './kv-v2.ts';
import { handleLeases } from './leases.ts';
import { openPki } from './pki.ts';
import { capabilitiesAt, defaultPolicy, parsePolicy, reaches } from './policies.ts';
import {
  envelope,
  invalid,
  noContent,
  nothingThere,
  ok,
  refuse,
  textOf,
  unknownToken,
  unsupportedPath,
} from './reply.ts';
import type { VaultCall, VaultReply } from './reply.ts';
import type { Mount, Namespace, VaultState } from './state.ts';
import { createTokenStore } from './tokens.ts';
import { createTransit } from './transit.ts';
import { lookUpWrapped, unwrap } from './wrapping.ts';

export interface SystemOptions {
  readonly state: VaultState;
  readonly users: DatabaseUsers | undefined;
  /** Takes what must be closed with the double. */
  readonly keep: (opened: AsyncDisposable) => void;
}

export function createNamespace(state: VaultState): Namespace {
  return {
    mounts: new Map(),
    auths: new Map([['token/', createTokenStore(state)]]),
    policies: new Map([['default', defaultPolicy]]),
  };
}

/** `sys`, as far as it needs a token. @see https://developer.hashicorp.com/vault/api-docs/system */
export async function handleSystem(options: SystemOptions, namespace: Namespace, call: VaultCall): Promise<VaultReply> {
  const { state } = options;
  const [, part = '', rest = ''] = /^([^/]+)\/?(.*)$/.exec(call.path) ?? [];
  if (part === 'leases') return handleLeases(state, { ...call, path: rest });
  if (part === 'mounts' || part === 'auth') return mount(options, namespace, part, { ...call, path: rest });
  if (part === 'policies') return policies(namespace, { ...call, path: rest });
  if (part === 'wrapping') {
    const given = textOf(call.body.token) || (call.token ?? '');
    return rest === 'unwrap' ? unwrap(state, given) : lookUpWrapped(state, given);
  }
  if (part === 'namespaces' && call.method === 'POST') {
    const name = [call.namespace, rest].filter(Boolean).join('/');
    if (!state.namespaces.has(name)) state.namespaces.set(name, createNamespace(state));
    return ok({ path: `${name}/` });
  }
  if (part === 'capabilities-self') return capabilities(state, call);
  return unsupportedPath;
}

/**
 * Tells of the mount that a path is in, to a token that may do anything there; others learn nothing.
 *
 * @see https://developer.hashicorp.com/vault/api-docs/system/internal-ui-mounts
 */
export function tellMount(state: VaultState, namespace: Namespace, call: VaultCall): VaultReply {
  const token = state.tokens.get(call.token ?? '');
  if (!token) return unknownToken;
  const path = call.path.replace(/^internal\/ui\/mounts\//, '').replace(/\/?$/, '/');
  const found = findMount(namespace.mounts, path);
  if (!found || !reaches(state, token, found.path)) {
    const shown = path.slice(0, -1);
    return refuse(
      403,
      `preflight capability check returned 403, please ensure client's policies grant access to path "${shown}/"`,
    );
  }
  return ok({ path: found.path, type: found.mount.type, options: found.mount.options });
}

/** The mount whose path a path begins with. */
export function findMount(
  mounts: ReadonlyMap<string, Mount>,
  path: string,
): { readonly path: string; readonly mount: Mount } | undefined {
  const [longest] = [...mounts]
    .filter(([at]) => path.startsWith(at))
    .sort(([one], [other]) => other.length - one.length);
  return longest && { path: longest[0], mount: longest[1] };
}

async function mount(
  options: SystemOptions,
  namespace: Namespace,
  part: 'mounts' | 'auth',
  { method, path, body }: VaultCall,
): Promise<VaultReply> {
  const at = path.replace(/\/?$/, '/');
  const mounts = part === 'mounts' ? namespace.mounts : namespace.auths;
  if (method === 'DELETE') return (mounts.delete(at), noContent);
  if (method === 'GET') {
    return ok(
      Object.fromEntries([...mounts].map(([each, { type, options: given }]) => [each, { type, options: given }])),
    );
  }
  if (mounts.has(at)) return invalid(`path is already in use at ${at}`);
  const version = textOf((body.options as { version?: unknown } | undefined)?.version) || '1';
  const type = body.type === 'kv-v2' ? 'kv' : String(body.type);
  const opened = await open(options, part, { type, at, version: body.type === 'kv-v2' ? '2' : version });
  if (!opened) return invalid(`plugin not found in the catalog: ${type}`);
  mounts.set(at, opened);
  return noContent;
}

async function open(
  { state, users, keep }: SystemOptions,
  part: 'mounts' | 'auth',
  { type, at, version }: { readonly type: string; readonly at: string; readonly version: string },
): Promise<Mount | undefined> {
  if (part === 'auth') {
    if (type === 'approle') return createAppRole(state);
    if (type === 'jwt') return createJwtMethod(state);
    return type === 'kubernetes' ? createKubernetesMethod(state) : undefined;
  }
  if (type === 'kv') return version === '2' ? createKvV2(state) : createKvV1();
  if (type === 'transit') return createTransit();
  if (type === 'database') return createDatabaseEngine(state, at, users);
  if (type !== 'pki') return undefined;
  const pki = await openPki(state);
  keep(pki);
  return pki;
}

/** @see https://developer.hashicorp.com/vault/api-docs/system/policies */
function policies({ policies: known }: Namespace, { method, path, body }: VaultCall): VaultReply {
  const name = /^acl\/(.+)$/.exec(path)?.[1];
  if (name === undefined) return unsupportedPath;
  if (method === 'DELETE') return (known.delete(name), noContent);
  if (method === 'POST') {
    const policy = parsePolicy(body.policy);
    return policy
      ? (known.set(name, policy), noContent)
      : invalid('failed to parse policy: the double takes JSON only');
  }
  const policy = known.get(name);
  return policy ? ok({ name, policy: JSON.stringify(policy) }) : nothingThere;
}

/** @see https://developer.hashicorp.com/vault/api-docs/system/capabilities-self */
function capabilities(state: VaultState, { body, token = '' }: VaultCall): VaultReply {
  const holder = state.tokens.get(token);
  const paths = Array.isArray(body.paths) ? body.paths.map(String) : [];
  const granted = paths.map((path) => {
    const capabilities = holder ? capabilitiesAt(state, holder, path) : [];
    return [path, capabilities.length > 0 ? capabilities : ['deny']];
  });
  return envelope({ data: Object.fromEntries(granted) });
}
