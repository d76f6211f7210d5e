import type { SecretsPlace } from '@org/secrets/conformance';
import type { Clock } from '@org/secrets';
import { askVault, findVault, startVaultDouble, type DatabaseUsers, type VaultDouble } from '@org/testing';
import { vault } from '../src/index.ts';
import { setUp, settingsOf, type SetUp } from './set-up.ts';

/** Where secrets of the suite lie in a Vault: in an engine that keeps versions, or in one that does not. */
export async function vaultPlace(clock: Clock, { engine }: { readonly engine: 'kv' | 'kvOne' }): Promise<SecretsPlace> {
  const users = createUsers();
  const found = await findVault();
  // The double goes by the clock of the case, as the port does.
  const double = found.double && (await startVaultDouble({ now: clock.now, users }));
  const made = await setUp(double ? { url: double.url, token: double.rootToken } : found.root);
  const mount = made[engine];
  const at = (name: string) => (engine === 'kv' ? `${mount}/data/${name}` : `${mount}/${name}`);
  const rights = { [`${mount}/*`]: ['read'] };
  const leasedNames = new Set<string>();
  const file = process.env.VAULT_CACERT;
  const trusted = file && !double ? { VAULT_CACERT: file } : undefined;

  return {
    assign: (variable, name, key) => {
      const path = leasedNames.has(name) ? `database/creds/${name}` : `${mount}/${name}`;
      return { [variable]: `vault:${path}${key === undefined ? '' : `#${key}`}` };
    },
    open: (_, runtime) => vault.open(settingsOf({ ...made.environment, ...trusted }), runtime),
    async put(name, values) {
      await askVault(made.root, 'POST', at(name), engine === 'kv' ? { data: values } : values);
    },
    async remove(name) {
      await askVault(made.root, 'DELETE', engine === 'kv' ? `${mount}/metadata/${name}` : at(name));
    },
    deny: (name) => made.grant({ ...rights, [at(name)]: ['deny'] }),
    allow: () => made.grant(rights),
    ...(double && switchesOf(double, made, { users, leasedNames })),
    async [Symbol.asyncDispose]() {
      await double?.recover();
      await made[Symbol.asyncDispose]();
      await double?.[Symbol.asyncDispose]();
      await found[Symbol.asyncDispose]();
    },
  };
}

/** What only the double can do: be away, and have leases run out on the clock of the case. */
function switchesOf(
  double: VaultDouble,
  { root, policy }: SetUp,
  { users, leasedNames }: { readonly users: Users; readonly leasedNames: Set<string> },
): Pick<SecretsPlace, 'cut' | 'mend' | 'leased'> {
  return {
    cut: () => double.down(),
    mend: () => double.recover(),
    async leased(name) {
      await askVault(root, 'POST', 'sys/mounts/database', { type: 'database' });
      await askVault(root, 'POST', `database/roles/${name}`, { db_name: 'orders', default_ttl: '1h', max_ttl: '2h' });
      const path = { 'database/creds/*': { capabilities: ['read'] } };
      await askVault(root, 'PUT', `sys/policies/acl/${policy}`, { policy: JSON.stringify({ path }) });
      leasedNames.add(name);
      const upToDate = () => double.advance(0);
      return {
        termMs: 3_600_000,
        async accepts(username) {
          await upToDate();
          return users.names.has(username);
        },
        async running() {
          await upToDate();
          return users.names.size;
        },
        refuseRenewals: async () =>
          double.fail(
            { kind: 'answer', status: 400, errors: ['lease is not renewable'] },
            { path: /^sys\/leases\/renew/ },
          ),
      };
    },
  };
}

interface Users extends DatabaseUsers {
  readonly names: ReadonlySet<string>;
}

function createUsers(): Users {
  const names = new Set<string>();
  return {
    names,
    create: async ({ username }) => void names.add(username),
    drop: async (username) => void names.delete(username),
  };
}
