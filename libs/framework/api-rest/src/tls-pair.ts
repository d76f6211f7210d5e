import { X509Certificate, createPrivateKey, type KeyObject } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';

/** A certificate with its chain and its key, which fit together. */
export interface TlsPair {
  /** What a server takes. */
  readonly context: SecureContextOptions;
  readonly leaf: X509Certificate;
  /** When the first certificate of the chain stops to be valid, in milliseconds since the epoch. */
  readonly notAfterMs: number;
}

/** What a certificate and a key must be: completes "expected …". */
export const expectedCertificate = 'certificates in PEM, the own one first and then those that signed it';
export const expectedKey = 'a private key in PEM, without a passphrase';

/** The certificates of a chain, the first being the server's own; `undefined` when one of them cannot be read. */
export function readChain(pem: string): readonly [X509Certificate, ...X509Certificate[]] | undefined {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  try {
    const [leaf, ...rest] = blocks.map((block) => new X509Certificate(block));
    return leaf && [leaf, ...rest];
  } catch {
    return undefined;
  }
}

/** A private key; `undefined` when it cannot be read. */
export function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/**
 * Puts a certificate and its key together.
 *
 * @throws {TypeError} when they are no such things or do not fit; its message holds nothing of them.
 */
export function readPair(certificate: string, key: string): TlsPair {
  const chain = readChain(certificate);
  if (!chain) throw new TypeError(`expected ${expectedCertificate}, got something else`);
  const privateKey = readKey(key);
  if (!privateKey) throw new TypeError(`expected ${expectedKey}, got something else`);
  const [leaf] = chain;
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new TypeError('expected the key of the first certificate, got that of another');
  }
  // RFC 9325 section 3.1.1: nothing older.
  const context = { cert: certificate, key, minVersion: 'TLSv1.2' } as const;
  try {
    createSecureContext(context);
  } catch (cause) {
    const { code = 'an unknown error' } = cause as NodeJS.ErrnoException;
    throw new TypeError(`expected a certificate and a key that OpenSSL takes, got ${code}`, { cause });
  }
  return { context, leaf, notAfterMs: Math.min(...chain.map(({ validToDate }) => validToDate.getTime())) };
}
