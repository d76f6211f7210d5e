import type { VaultSettings } from './settings.ts';

/** What settings that are fine one by one do not tell together, one sentence each. */
export function problemsOf(settings: VaultSettings): string[] {
  const { address, nodes = [], auth, token, tokenFile, role, roleId, secretId, secretIdFile, jwtFile } = settings;
  const faults: string[] = [];
  const both = (one: unknown, other: unknown, names: string) => {
    if (one !== undefined && other !== undefined) faults.push(`expected one of ${names}, got both`);
  };
  const needs = (value: unknown, name: string) => {
    if (value === undefined) faults.push(`expected ${name} to be set, since VAULT_AUTH is \`${auth}\`, got nothing`);
  };
  both(token, tokenFile, 'VAULT_TOKEN and VAULT_TOKEN_PATH');
  both(secretId, secretIdFile, 'VAULT_SECRET_ID and VAULT_SECRET_ID_PATH');
  if (auth === 'approle') needs(roleId, 'VAULT_ROLE_ID');
  if (auth === 'kubernetes' || auth === 'jwt') needs(role, 'VAULT_ROLE');
  if (auth === 'jwt') needs(jwtFile, 'VAULT_JWT_PATH');
  if (auth === 'token' && address !== undefined && token === undefined && tokenFile === undefined) {
    faults.push('expected VAULT_TOKEN, VAULT_TOKEN_PATH or another VAULT_AUTH, since VAULT_ADDR is set, got nothing');
  }
  const [protocol = ''] = /^https?:/.exec(address ?? '') ?? [];
  if (nodes.some((node) => !node.startsWith(protocol))) {
    faults.push(`expected VAULT_NODES to begin with ${protocol}// as VAULT_ADDR does, got something else`);
  }
  return faults;
}
