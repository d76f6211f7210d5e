import {
  boolean,
  defineSettings,
  duration,
  list,
  oneOf,
  secret,
  text,
  url,
  variable,
  type Fragment,
  type Variable,
} from '@org/config';
import { problemsOf } from './settings-problems.ts';

/** Ways to say to Vault who one is. @see https://developer.hashicorp.com/vault/docs/auth */
export const authMethods = ['token', 'approle', 'kubernetes', 'jwt'] as const;

const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

type ValuesOf<Variables> = { [Name in keyof Variables]: Variables[Name] extends Variable<infer Value> ? Value : never };

const fixed = { references: false, optional: true } as const;

const variables = {
  address: variable('VAULT_ADDR', url(), {
    ...fixed,
    description: 'Where Vault or OpenBao is; needed as soon as a variable refers to it.',
    example: 'https://vault:8200',
  }),
  namespace: variable('VAULT_NAMESPACE', text(), { ...fixed, description: 'The namespace that all paths are in.' }),
  nodes: variable('VAULT_NODES', list(url()), {
    ...fixed,
    description: 'Other nodes of the cluster: a standby may send requests on to one of them, and to nobody else.',
    example: 'https://vault-0:8200,https://vault-1:8200',
  }),
  authorityFile: variable('VAULT_CACERT', text(), {
    ...fixed,
    description: 'A file with the certificates, in PEM, of who may sign that of Vault; without it, whom Node trusts.',
  }),
  serverName: variable('VAULT_TLS_SERVER_NAME', text(), {
    ...fixed,
    description: 'The name that the certificate of Vault must have, where it is not that of its address.',
  }),
  timeoutMs: variable('VAULT_CLIENT_TIMEOUT', duration({ min: '10ms' }), {
    references: false,
    description: 'How long one request to Vault may take.',
    default: '5s',
  }),
  auth: variable('VAULT_AUTH', oneOf(authMethods), {
    references: false,
    description: 'How to say to Vault who this is.',
    default: 'token',
  }),
  authMount: variable('VAULT_AUTH_MOUNT', text(), {
    ...fixed,
    description: 'Where the auth method is mounted, below `auth/`; the name of the method without it.',
  }),
  token: variable('VAULT_TOKEN', secret(), {
    ...fixed,
    description: 'The token, for `token`. It is renewed, and never revoked.',
  }),
  tokenFile: variable('VAULT_TOKEN_PATH', text(), {
    ...fixed,
    description: 'A file with the token instead, as an agent of Vault writes it; read anew when the token has ended.',
  }),
  role: variable('VAULT_ROLE', text(), { ...fixed, description: 'The role, for `kubernetes` and `jwt`.' }),
  roleId: variable('VAULT_ROLE_ID', text(), { ...fixed, description: 'The id of the role, for `approle`.' }),
  secretId: variable('VAULT_SECRET_ID', secret(), {
    ...fixed,
    description: 'The secret id, for `approle`; none where the role needs none.',
  }),
  secretIdFile: variable('VAULT_SECRET_ID_PATH', text(), {
    ...fixed,
    description: 'A file with the secret id instead, read anew at each login.',
  }),
  secretIdWrapped: variable('VAULT_SECRET_ID_WRAPPED', boolean(), {
    references: false,
    description: 'Whether the secret id is a wrapping token, behind which the secret id can be had once.',
    default: 'false',
  }),
  jwtFile: variable('VAULT_JWT_PATH', text(), {
    ...fixed,
    description: `A file with the token of the service account, or the JWT, read anew at each login; for \`kubernetes\` ${serviceAccountToken} without it.`,
  }),
};

export type VaultSettings = Readonly<ValuesOf<typeof variables>>;

/** Where Vault is and as whom to ask it. Names that Vault's own client has mean the same here. */
export const vaultSettings: Fragment<ValuesOf<typeof variables>> = defineSettings(variables, {
  connections: [{ kind: 'secrets', variable: 'VAULT_ADDR', ports: { 'http:': 80, 'https:': 443 } }],
  check: problemsOf,
});

/** The file that holds the token of the service account, as Kubernetes mounts it. */
export function jwtFileOf({ auth, jwtFile }: VaultSettings): string | undefined {
  return jwtFile ?? (auth === 'kubernetes' ? serviceAccountToken : undefined);
}

/**
 * The settings of the store that a service has in `secrets`, for `openVault` in its `start`.
 *
 * @param settings Those that `start` is given.
 * @throws {TypeError} when the service does not have the store.
 */
export function vaultSettingsOf(settings: object): VaultSettings {
  const found = (settings as { readonly 'secrets-vault'?: VaultSettings })['secrets-vault'];
  if (!found) throw new TypeError('Expected the service to have `vault` in its `secrets`, got settings without it');
  return found;
}
