import type { VaultAnswer, VaultAsk } from './client.ts';
import { answerUnreadable, refusalOf } from './vault-errors.ts';
import { encodePath } from './vault-path.ts';

export interface TransitOptions {
  /** Where the engine is mounted. Default: `transit`. */
  readonly mount?: string;
  /** Ends it early, as the end of the current call does. */
  readonly signal?: AbortSignal;
}

/**
 * Keys that never leave Vault. A text is taken as UTF-8; ciphertexts and signatures are Vault's, such as `vault:v1:…`, whose
 * number is the version of the key.
 *
 * @see https://developer.hashicorp.com/vault/api-docs/secret/transit
 */
export interface Transit {
  encrypt(key: string, plaintext: string | Uint8Array, options?: TransitOptions): Promise<string>;
  /** @throws {ServiceError} VAULT_REQUEST_REFUSED when it is none of this key's, or was changed. */
  decrypt(key: string, ciphertext: string, options?: TransitOptions): Promise<Buffer>;
  sign(key: string, input: string | Uint8Array, options?: TransitOptions): Promise<string>;
  /** Whether the key made the signature of this input. */
  verify(key: string, input: string | Uint8Array, signature: string, options?: TransitOptions): Promise<boolean>;
}

type Ask = (request: Omit<VaultAsk, 'token' | 'signal'>, signal: AbortSignal | undefined) => Promise<VaultAnswer>;

export function createTransit(ask: Ask, location: string): Transit {
  const call = async (operation: string, key: string, body: Record<string, string>, options: TransitOptions = {}) => {
    const { mount = 'transit', signal } = options;
    const doing = `${operation} with the key \`${key}\` of \`${mount}\` at ${location}`;
    const path = encodePath(`${mount}/${operation}/${key}`);
    const answer = await ask({ method: 'POST', path, body, doing, secrets: Object.values(body) }, signal);
    if (answer.status !== 200) throw refusalOf(doing, answer);
    return <Value>(name: string, type: 'string' | 'boolean'): Value => {
      const value = answer.body.data?.[name];
      if (typeof value !== type) throw answerUnreadable(doing);
      return value as Value;
    };
  };
  return {
    async encrypt(key, plaintext, options) {
      return (await call('encrypt', key, { plaintext: encoded(plaintext) }, options))('ciphertext', 'string');
    },
    async decrypt(key, ciphertext, options) {
      return Buffer.from(
        (await call('decrypt', key, { ciphertext }, options))<string>('plaintext', 'string'),
        'base64',
      );
    },
    async sign(key, input, options) {
      return (await call('sign', key, { input: encoded(input) }, options))('signature', 'string');
    },
    async verify(key, input, signature, options) {
      return (await call('verify', key, { input: encoded(input), signature }, options))('valid', 'boolean');
    },
  };
}

function encoded(given: string | Uint8Array): string {
  return Buffer.from(given as Uint8Array).toString('base64');
}
