import { secretLoginRefused } from '@org/secrets';
import type { VaultClient } from '../client.ts';
import type { VaultSettings } from '../settings.ts';
import { answerUnreadable, refusalOf } from '../vault-errors.ts';
import { encodePath } from '../vault-path.ts';
import { grantedIn, loginError, type Login } from './login.ts';
import { readCredential } from './read-file.ts';

/** AppRole. @see https://developer.hashicorp.com/vault/api-docs/auth/approle#login-with-approle */
export function appRoleLogin(settings: VaultSettings): Login {
  const { roleId, secretId, secretIdFile, secretIdWrapped, authMount = 'approle' } = settings;
  let unwrapped: { readonly wrapping: string; readonly secretId: string } | undefined;

  const secretIdNow = async (client: VaultClient, doing: string, signal: AbortSignal): Promise<string | undefined> => {
    const given =
      secretIdFile === undefined
        ? secretId?.reveal()
        : await readCredential({ variable: 'VAULT_SECRET_ID_PATH', file: secretIdFile }, doing, signal);
    if (given === undefined || !secretIdWrapped) return given;
    // It can be unwrapped once, and each login needs it.
    if (unwrapped?.wrapping === given) return unwrapped.secretId;
    const found = await unwrapSecretId(client, given, signal);
    unwrapped = { wrapping: given, secretId: found };
    return found;
  };

  return {
    isOwn: true,
    async logIn(client, signal) {
      const doing = `log in at ${client.location} as the AppRole of VAULT_ROLE_ID`;
      const secret_id = await secretIdNow(client, doing, signal);
      const body = { role_id: roleId, ...(secret_id !== undefined && { secret_id }) };
      const path = `auth/${encodePath(authMount)}/login`;
      const secrets = secret_id === undefined ? [] : [secret_id];
      const answer = await client.ask({ method: 'POST', path, body, signal, doing, secrets });
      if (answer.status === 200) return grantedIn(answer, doing);
      const remedy =
        'See that VAULT_ROLE_ID is the id of the role, and give a VAULT_SECRET_ID that has not ended and may still be used';
      throw loginError(answer, doing, remedy);
    },
  };
}

/** @see https://developer.hashicorp.com/vault/api-docs/system/wrapping-unwrap */
async function unwrapSecretId(client: VaultClient, token: string, signal: AbortSignal): Promise<string> {
  const doing = `unwrap the secret id at ${client.location}`;
  const answer = await client.ask({ method: 'POST', path: 'sys/wrapping/unwrap', token, signal, doing });
  if (answer.status === 400 || answer.status === 403) {
    const remedy = 'It has ended or was unwrapped before, perhaps by somebody else. Find out by whom, and give another';
    throw secretLoginRefused({ doing, why: `Vault does not take the wrapping token (${answer.said}). ${remedy}` });
  }
  if (answer.status !== 200) throw refusalOf(doing, answer);
  const found = answer.body.data?.secret_id;
  if (typeof found !== 'string') throw answerUnreadable(doing);
  return found;
}
