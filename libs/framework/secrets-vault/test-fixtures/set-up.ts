import { randomBytes } from 'node:crypto';
import { readSettings } from '@org/config';
import { askVault, waitFor, type VaultAccess } from '@org/testing';
import { vaultSettings, type VaultSettings } from '../src/settings.ts';

/** The settings that these variables give. */
export function settingsOf(environment: Readonly<Record<string, string>>): VaultSettings {
  const config = { vault: vaultSettings };
  const { settings } = readSettings(config, { environment, service: 'orders', schemes: [] });
  return settings.vault as VaultSettings;
}

/** Names and rights that a test has in a Vault, real or not, made as an operator makes them. */
export interface SetUp extends AsyncDisposable {
  readonly root: VaultAccess;
  /** Mounts of the test's own, without a slash. */
  readonly kv: string;
  readonly kvOne: string;
  readonly policy: string;
  /** Replaces what the service may do: capabilities by path. */
  grant(paths: Readonly<Record<string, readonly string[]>>): Promise<void>;
  /** Variables by which a service logs in as an AppRole with the policy. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Has mounts, a policy and an AppRole made, and takes them away when it is disposed. */
export async function setUp(root: VaultAccess, role: object = {}): Promise<SetUp> {
  const id = randomBytes(4).toString('hex');
  const [kv, kvOne, approle, policy] = [`kv-${id}`, `kv-one-${id}`, `approle-${id}`, `orders-${id}`];
  const ask = (method: string, path: string, body?: object) => askVault(root, method, path, body);
  const grant = async (paths: Readonly<Record<string, readonly string[]>>) => {
    const path = Object.fromEntries(Object.entries(paths).map(([at, capabilities]) => [at, { capabilities }]));
    await ask('PUT', `sys/policies/acl/${policy}`, { policy: JSON.stringify({ path }) });
  };
  await ask('POST', `sys/mounts/${kv}`, { type: 'kv', options: { version: '2' } });
  await ask('POST', `sys/mounts/${kvOne}`, { type: 'kv', options: { version: '1' } });
  // A real engine that keeps versions takes a moment.
  await waitFor(async () => (await askVault(root, 'GET', `${kv}/config`, undefined, [400])).status === 200, {
    what: `the engine ${kv}`,
  });
  await grant({ [`${kv}/data/*`]: ['read', 'create', 'update'], [`${kvOne}/*`]: ['read', 'create', 'update'] });
  await ask('POST', `sys/auth/${approle}`, { type: 'approle' });
  await ask('POST', `auth/${approle}/role/orders`, {
    token_policies: [policy],
    token_ttl: '1h',
    token_max_ttl: '4h',
    ...role,
  });
  const roleId = (await ask('GET', `auth/${approle}/role/orders/role-id`)).body.data.role_id as string;
  const secretId = (await ask('POST', `auth/${approle}/role/orders/secret-id`, {})).body.data.secret_id as string;
  return {
    root,
    kv,
    kvOne,
    policy,
    grant,
    environment: {
      VAULT_ADDR: root.url,
      ...(root.namespace && { VAULT_NAMESPACE: root.namespace }),
      VAULT_AUTH: 'approle',
      VAULT_AUTH_MOUNT: approle,
      VAULT_ROLE_ID: roleId,
      VAULT_SECRET_ID: secretId,
    },
    async [Symbol.asyncDispose]() {
      for (const path of [
        `sys/mounts/${kv}`,
        `sys/mounts/${kvOne}`,
        `sys/auth/${approle}`,
        `sys/policies/acl/${policy}`,
      ]) {
        await ask('DELETE', path);
      }
    },
  };
}
