import { randomBytes } from 'node:crypto';
import { parseSeconds } from './duration.ts';
import { createLease } from './leases.ts';
import { envelope, invalid, noContent, nothingThere, ok, unsupportedPath } from './reply.ts';
import type { VaultCall, VaultReply } from './reply.ts';
import type { Mount, VaultState } from './state.ts';

/** Makes and takes back the users whose credentials the double gives out; without it they exist on paper only. */
export interface DatabaseUsers {
  create(user: { readonly role: string; readonly username: string; readonly password: string }): Promise<void>;
  drop(username: string): Promise<void>;
}

/** The database engine. It connects to nothing itself. @see https://developer.hashicorp.com/vault/api-docs/secret/databases */
export function createDatabaseEngine(state: VaultState, path: string, users?: DatabaseUsers): Mount {
  const roles = new Map<string, Readonly<Record<string, unknown>>>();
  return {
    type: 'database',
    options: {},
    exists: (below) => below.startsWith('config/') || roles.has(below.replace(/^roles\//, '')),
    handle(call) {
      const [, kind = '', name = ''] = /^(config|roles|creds)\/([^/]+)$/.exec(call.path) ?? [];
      if (kind === 'config' && call.method === 'POST') return noContent;
      if (kind === 'roles') return administer(roles, name, call);
      if (kind !== 'creds' || call.method !== 'GET') return unsupportedPath;
      const role = roles.get(name);
      return role
        ? credentials({ state, role, name, users, path: `${path}creds/${name}` }, call)
        : invalid(`unknown role: ${name}`);
    },
  };
}

function administer(
  roles: Map<string, Readonly<Record<string, unknown>>>,
  name: string,
  { method, body }: VaultCall,
): VaultReply {
  if (method === 'POST') return (roles.set(name, body), noContent);
  if (method === 'DELETE') return (roles.delete(name), noContent);
  const role = roles.get(name);
  return role ? ok(role) : nothingThere;
}

interface Issuing {
  readonly state: VaultState;
  readonly role: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly users: DatabaseUsers | undefined;
  readonly path: string;
}

/** @see https://developer.hashicorp.com/vault/api-docs/secret/databases#generate-credentials */
async function credentials(
  { state, role, name, users, path }: Issuing,
  { token = '' }: VaultCall,
): Promise<VaultReply> {
  const username = `v-token-${name}-${randomBytes(10).toString('hex')}-${Math.floor(state.now() / 1000)}`;
  const password = randomBytes(15).toString('base64url');
  await users?.create({ role: name, username, password });
  const [ttlSeconds, maxTtlSeconds] = [parseSeconds(role.default_ttl), parseSeconds(role.max_ttl)];
  const lease = createLease(state, {
    path,
    tokenId: token,
    ...(ttlSeconds && { ttlSeconds }),
    ...(maxTtlSeconds && { maxTtlSeconds }),
    revoke: () => users?.drop(username),
  });
  const data = { username, password };
  return envelope({ data, lease_id: lease.id, renewable: true, lease_duration: lease.ttlSeconds });
}
