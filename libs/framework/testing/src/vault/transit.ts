import {
  createCipheriv,
  createDecipheriv,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { invalid, noContent, nothingThere, ok, unsupportedOperation, unsupportedPath } from './reply.ts';
import type { VaultCall, VaultReply } from './reply.ts';
import type { Mount } from './state.ts';

type KeyType = 'aes256-gcm96' | 'ed25519' | 'ecdsa-p256';
interface KeyVersion {
  readonly secret?: Buffer;
  readonly pair?: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
}
interface Key {
  readonly type: KeyType;
  readonly versions: KeyVersion[];
}

const makers: Readonly<Record<KeyType, () => KeyVersion>> = {
  'aes256-gcm96': () => ({ secret: randomBytes(32) }),
  ed25519: () => ({ pair: generateKeyPairSync('ed25519') }),
  'ecdsa-p256': () => ({ pair: generateKeyPairSync('ec', { namedCurve: 'P-256' }) }),
};

/** The engine for encryption as a service. @see https://developer.hashicorp.com/vault/api-docs/secret/transit */
export function createTransit(): Mount {
  const keys = new Map<string, Key>();
  return {
    type: 'transit',
    options: {},
    // Encryption with a key that is not there would make it, and needs `create` for that.
    exists: (path) => keys.has(path.split('/')[1] ?? ''),
    handle(call) {
      const [, operation = '', name = '', more] = /^(\w+)\/([^/]+)(?:\/(.+))?$/.exec(call.path) ?? [];
      if (operation === 'keys') return administer(keys, name, more, call);
      if (call.method !== 'POST') return unsupportedOperation;
      const key = keys.get(name);
      if (operation === 'encrypt') return encrypt(key, call);
      if (operation === 'decrypt') return decrypt(key, call);
      if (operation === 'sign') return signed(key, call);
      return operation === 'verify' ? verified(key, call) : unsupportedPath;
    },
  };
}

function administer(
  keys: Map<string, Key>,
  name: string,
  more: string | undefined,
  { method, body }: VaultCall,
): VaultReply {
  const key = keys.get(name);
  if (method === 'POST' && more === 'rotate') {
    if (!key) return invalid('key not found');
    key.versions.push(makers[key.type]());
    return noContent;
  }
  if (method === 'POST' && more === undefined) {
    const type = (body.type ?? 'aes256-gcm96') as KeyType;
    if (!Object.hasOwn(makers, type)) return invalid(`unknown key type ${String(type)}`);
    if (!key) keys.set(name, { type, versions: [makers[type]()] });
    return noContent;
  }
  if (method !== 'GET') return unsupportedOperation;
  return key ? ok({ name, type: key.type, latest_version: key.versions.length }) : nothingThere;
}

/** @see https://developer.hashicorp.com/vault/api-docs/secret/transit#encrypt-data */
function encrypt(key: Key | undefined, { body }: VaultCall): VaultReply {
  if (typeof body.plaintext !== 'string') return invalid('missing plaintext to encrypt');
  const secret = key?.versions.at(-1)?.secret;
  if (!key) return invalid('encryption key not found');
  if (!secret) return invalid(`message encryption not supported for key type ${key.type}`);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce);
  const encrypted = [nonce, cipher.update(body.plaintext, 'base64'), cipher.final(), cipher.getAuthTag()];
  const ciphertext = `vault:v${key.versions.length}:${Buffer.concat(encrypted).toString('base64')}`;
  return ok({ ciphertext, key_version: key.versions.length });
}

function decrypt(key: Key | undefined, { body }: VaultCall): VaultReply {
  if (typeof body.ciphertext !== 'string') return invalid('missing ciphertext to decrypt');
  if (!key) return invalid('encryption key not found');
  const [, version = '', text = ''] = /^vault:v(\d+):(.+)$/.exec(body.ciphertext) ?? [];
  if (version === '') return invalid('invalid ciphertext: no prefix');
  const secret = key.versions[Number(version) - 1]?.secret;
  if (!secret) return invalid('invalid ciphertext: version is too new');
  const bytes = Buffer.from(text, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(-16));
    const plain = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
    return ok({ plaintext: plain.toString('base64') });
  } catch {
    return invalid('invalid ciphertext: unable to decrypt');
  }
}

/** @see https://developer.hashicorp.com/vault/api-docs/secret/transit#sign-data */
function signed(key: Key | undefined, { body }: VaultCall): VaultReply {
  if (typeof body.input !== 'string') return invalid('missing input');
  if (!key) return invalid('signing key not found');
  const pair = key.versions.at(-1)?.pair;
  if (!pair) return invalid(`key type ${key.type} does not support signing`);
  const signature = sign(hashOf(key), Buffer.from(body.input, 'base64'), pair.privateKey);
  return ok({
    signature: `vault:v${key.versions.length}:${signature.toString('base64')}`,
    key_version: key.versions.length,
  });
}

function verified(key: Key | undefined, { body }: VaultCall): VaultReply {
  if (typeof body.input !== 'string') return invalid('missing input');
  if (!key) return invalid('signature verification key not found');
  const [, version = '', text = ''] = /^vault:v(\d+):(.+)$/.exec(String(body.signature)) ?? [];
  if (version === '') return invalid('invalid signature: no prefix');
  const pair = key.versions[Number(version) - 1]?.pair;
  if (!pair) return invalid('invalid signature: version is too new');
  const input = Buffer.from(body.input, 'base64');
  return ok({ valid: verify(hashOf(key), input, pair.publicKey, Buffer.from(text, 'base64')) });
}

function hashOf({ type }: Key): string | null {
  return type === 'ed25519' ? null : 'sha256';
}
