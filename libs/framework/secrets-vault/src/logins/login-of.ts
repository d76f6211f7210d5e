import type { VaultSettings } from '../settings.ts';
import { appRoleLogin } from './approle-login.ts';
import { jwtLogin } from './jwt-login.ts';
import type { Login } from './login.ts';
import { tokenLogin } from './token-login.ts';

/** How the settings say that this service logs in. */
export function loginOf(settings: VaultSettings): Login {
  const { auth } = settings;
  if (auth === 'token') return tokenLogin(settings);
  return auth === 'approle' ? appRoleLogin(settings) : jwtLogin(settings, auth);
}
