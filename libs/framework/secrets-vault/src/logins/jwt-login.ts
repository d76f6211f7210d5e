import { jwtFileOf, type VaultSettings } from '../settings.ts';
import { encodePath } from '../vault-path.ts';
import { grantedIn, loginError, type Login } from './login.ts';
import { readCredential } from './read-file.ts';

const remedies = {
  kubernetes:
    'See that the role VAULT_ROLE is there and bound to this service account and its namespace, that Vault may review tokens of this cluster, and that the clocks agree',
  jwt: 'See that the role VAULT_ROLE is there and bound to the audience and claims of the JWT, that Vault knows who signed it, and that the clocks agree',
};

/**
 * A service account of Kubernetes, or any signed token. Its file is read at each login, since it is replaced each hour or so.
 *
 * @see https://developer.hashicorp.com/vault/api-docs/auth/kubernetes#login
 * @see https://developer.hashicorp.com/vault/api-docs/auth/jwt#jwt-login
 */
export function jwtLogin(settings: VaultSettings, method: 'kubernetes' | 'jwt'): Login {
  const { role, authMount = method } = settings;
  return {
    isOwn: true,
    async logIn(client, signal) {
      const doing = `log in at ${client.location} as the ${method} role \`${role}\``;
      const file = jwtFileOf(settings) ?? '';
      const jwt = await readCredential({ variable: 'VAULT_JWT_PATH', file }, doing, signal);
      const path = `auth/${encodePath(authMount)}/login`;
      const answer = await client.ask({ method: 'POST', path, body: { role, jwt }, signal, doing, secrets: [jwt] });
      if (answer.status === 200) return grantedIn(answer, doing);
      throw loginError(answer, doing, remedies[method]);
    },
  };
}
