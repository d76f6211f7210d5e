import { secretLoginRefused } from '@org/secrets';
import { refusalOf } from '../vault-errors.ts';
import type { VaultSettings } from '../settings.ts';
import type { Login } from './login.ts';
import { readCredential } from './read-file.ts';

/** A token that somebody else made, and looks after. @see https://developer.hashicorp.com/vault/api-docs/auth/token#lookup-a-token-self */
export function tokenLogin({ token, tokenFile }: VaultSettings): Login {
  return {
    isOwn: false,
    async logIn(client, signal) {
      const variable = tokenFile === undefined ? 'VAULT_TOKEN' : 'VAULT_TOKEN_PATH';
      const doing = `log in at ${client.location} by the token of ${variable}`;
      const given =
        tokenFile === undefined
          ? (token?.reveal() ?? '')
          : await readCredential({ variable, file: tokenFile }, doing, signal);
      const answer = await client.ask({ method: 'GET', path: 'auth/token/lookup-self', token: given, signal, doing });
      if (answer.status === 403) {
        const remedy = `It has ended, was revoked or is none, or its policies lack \`default\`. Give another in ${variable}`;
        throw secretLoginRefused({ doing, why: `Vault does not take the token (${answer.said}). ${remedy}` });
      }
      if (answer.status !== 200) throw refusalOf(doing, answer);
      const { ttl, renewable } = answer.body.data ?? {};
      const ttlMs = typeof ttl === 'number' && ttl > 0 ? ttl * 1000 : Infinity;
      return { token: given, ttlMs, renewable: renewable === true };
    },
  };
}
