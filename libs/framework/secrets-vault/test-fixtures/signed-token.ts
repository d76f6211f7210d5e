import { generateKeyPairSync, sign } from 'node:crypto';

/** Who signs tokens of service accounts, and tokens that a test asks for. */
export interface TokenSigner {
  readonly publicKey: string;
  sign(claims: object): string;
}

export function createTokenSigner(): TokenSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign(claims) {
      const signed = `${encode({ alg: 'EdDSA', typ: 'JWT' })}.${encode(claims)}`;
      return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
    },
  };
}
