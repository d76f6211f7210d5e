import { randomUUID } from 'node:crypto';
import { parseSeconds } from './duration.ts';
import { envelope, invalid, noContent, nothingThere, ok, textOf, unsupportedPath } from './reply.ts';
import type { VaultCall, VaultReply } from './reply.ts';
import type { Mount, VaultState } from './state.ts';
import { authOf, createToken, traitsFrom } from './tokens.ts';

interface Role {
  readonly name: string;
  settings: Readonly<Record<string, unknown>>;
  roleId: string;
  readonly secretIds: Map<string, { readonly expiresAt: number | undefined; usesLeft: number }>;
}

/** The auth method AppRole. @see https://developer.hashicorp.com/vault/api-docs/auth/approle */
export function createAppRole(state: VaultState): Mount {
  const roles = new Map<string, Role>();
  return {
    type: 'approle',
    options: {},
    exists: (path) => path !== 'login' && roles.has(/^role\/([^/]+)$/.exec(path)?.[1] ?? ''),
    handle: (call) => (call.path === 'login' ? login(state, roles, call) : administer(state, roles, call)),
  };
}

function login(state: VaultState, roles: Map<string, Role>, { body, namespace }: VaultCall): VaultReply {
  const unknown = invalid('invalid role or secret ID');
  if (!body.role_id) return invalid('missing role_id');
  const role = [...roles.values()].find(({ roleId }) => roleId === body.role_id);
  if (!role) return unknown;
  if (role.settings.bind_secret_id !== false) {
    if (!body.secret_id) return invalid('missing secret_id');
    const id = textOf(body.secret_id);
    const found = role.secretIds.get(id);
    if (!found || (found.expiresAt ?? Infinity) <= state.now()) return unknown;
    if (found.usesLeft === 1) role.secretIds.delete(id);
    else if (found.usesLeft > 1) found.usesLeft -= 1;
  }
  const traits = traitsFrom(role.settings, 'token_');
  const metadata = { role_name: role.name };
  const token = createToken(state, namespace, { policies: [], ...traits, metadata, path: 'auth/approle/login' });
  return envelope({ auth: authOf(token) });
}

function administer(state: VaultState, roles: Map<string, Role>, { method, path, body }: VaultCall): VaultReply {
  const [, name = '', part = ''] = /^role\/([^/]+)(?:\/(role-id|secret-id|secret-id\/destroy))?$/.exec(path) ?? [];
  if (name === '') return unsupportedPath;
  const role = roles.get(name);
  if (part === '' && method === 'POST') {
    if (role) role.settings = { ...role.settings, ...body };
    else roles.set(name, { name, settings: body, roleId: randomUUID(), secretIds: new Map() });
    return noContent;
  }
  if (!role) return nothingThere;
  if (part === '') return method === 'DELETE' ? (roles.delete(name), noContent) : ok(role.settings);
  if (part === 'role-id') {
    if (method === 'POST') return ((role.roleId = String(body.role_id)), noContent);
    return ok({ role_id: role.roleId });
  }
  if (part === 'secret-id/destroy') return (role.secretIds.delete(String(body.secret_id)), noContent);
  const seconds = parseSeconds(body.ttl ?? role.settings.secret_id_ttl) ?? 0;
  const uses = Number(body.num_uses ?? role.settings.secret_id_num_uses ?? 0);
  const secretId = randomUUID();
  const expiresAt = seconds > 0 ? state.now() + seconds * 1000 : undefined;
  role.secretIds.set(secretId, { expiresAt, usesLeft: uses });
  return ok({
    secret_id: secretId,
    secret_id_accessor: randomUUID(),
    secret_id_ttl: seconds,
    secret_id_num_uses: uses,
  });
}
