/** What stands in the place of a secret. */
export const secretMark = '[secret]';

/**
 * The names under which values are secrets, at any depth and in any spelling (`apiKey`, `X-API-Key`, `api_key`):
 * password, passwd, pwd, passphrase, secret, token, authorization, cookie, credential, signature, connection string,
 * and what is called an api, access, account, private, signing or encryption key.
 */
export const secretName =
  /passw(?:or)?d|pwd|passphrase|secret|token|authorization|cookie|credential|signature|connection[-_ ]?string|(?:api|access|account|private|signing|encryption)[-_ ]?key/i;

/** Tells whether what is under a name is a secret. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}
