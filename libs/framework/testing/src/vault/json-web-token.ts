import { createPublicKey, verify } from 'node:crypto';

export interface Claims {
  readonly [name: string]: unknown;
  readonly aud?: string | readonly string[];
  readonly sub?: string;
  readonly exp?: number;
  readonly nbf?: number;
  readonly iat?: number;
}

/** How far clocks may be apart, in seconds. @see https://developer.hashicorp.com/vault/api-docs/auth/jwt#clock_skew_leeway */
export interface Leeway {
  readonly clockSkew: number;
}

/**
 * The claims of a signed token (RS256, ES256 or EdDSA) whose signature one of the keys made.
 *
 * @returns what Vault says is wrong with it, as a text.
 */
export function readClaims(token: string, publicKeys: readonly string[]): Claims | string {
  const parts = token.split('.');
  const [head = '', claims = '', signature = ''] = parts;
  const header = parts.length === 3 ? decode(head) : undefined;
  const read = decode(claims);
  if (!header || !read) return 'error parsing token: invalid compact serialization format';
  const signed = Buffer.from(`${head}.${claims}`);
  const isSigned = publicKeys.some((key) => isSignedBy(key, String(header.alg), signed, signature));
  if (!isSigned) {
    return 'error verifying token signature: no known key successfully validated the token signature';
  }
  return read;
}

/** What is wrong with the times of a token; `undefined` when nothing is. */
export function problemOfTimes(claims: Claims, nowMs: number, { clockSkew }: Leeway): string | undefined {
  const now = nowMs / 1000;
  if (claims.nbf !== undefined && claims.nbf > now + clockSkew) {
    return 'invalid not before (nbf) claim: token not yet valid';
  }
  if (claims.exp !== undefined && claims.exp < now - clockSkew) {
    return 'invalid expiration time (exp) claim: token is expired';
  }
  if (claims.iat !== undefined && claims.iat > now + clockSkew) {
    return 'invalid issued at (iat) claim: token issued in the future';
  }
  return undefined;
}

export function hasAudience({ aud }: Claims, wanted: readonly string[]): boolean {
  const audiences = typeof aud === 'string' ? [aud] : (aud ?? []);
  return audiences.some((each) => wanted.includes(each));
}

function isSignedBy(key: string, algorithm: string, signed: Buffer, signature: string): boolean {
  try {
    const publicKey = createPublicKey(key);
    const hash = algorithm === 'EdDSA' ? null : 'sha256';
    return verify(hash, signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}

function decode(part: string): Claims | undefined {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims;
  } catch {
    return undefined;
  }
}
