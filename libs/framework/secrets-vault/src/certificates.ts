import { X509Certificate } from 'node:crypto';
import { Secret } from '@org/config';
import type { VaultAnswer, VaultAsk } from './client.ts';
import { answerUnreadable, refusalOf } from './vault-errors.ts';
import { encodePath } from './vault-path.ts';

/** What Vault is asked for. @see https://developer.hashicorp.com/vault/api-docs/secret/pki#generate-certificate-and-key */
export interface CertificateRequest {
  /** Where the engine is mounted. Default: `pki`. */
  readonly mount?: string;
  readonly role: string;
  readonly commonName: string;
  /** More DNS names. */
  readonly alternativeNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** How long it is to hold, in seconds. Default: what the role says. */
  readonly ttlSeconds?: number;
}

/** A certificate and its key, in PEM. */
export interface Certificate {
  /** The certificate, and those that signed it, but for the root. */
  readonly chain: string;
  readonly certificate: string;
  /** The root, or whoever is the last of those that signed it. */
  readonly authority: string;
  readonly privateKey: Secret<string>;
  readonly serialNumber: string;
  readonly expiresAt: Date;
  /** How long it held when it was made, by the clock of Vault, in milliseconds. */
  readonly validMs: number;
}

/** The body by which a certificate is asked for. */
export function certificateBody(request: CertificateRequest): Record<string, string> {
  const { commonName, alternativeNames = [], ipAddresses = [], ttlSeconds } = request;
  return {
    common_name: commonName,
    ...(alternativeNames.length > 0 && { alt_names: alternativeNames.join(',') }),
    ...(ipAddresses.length > 0 && { ip_sans: ipAddresses.join(',') }),
    ...(ttlSeconds !== undefined && { ttl: `${ttlSeconds}s` }),
  };
}

export function certificatePath({ mount = 'pki', role }: CertificateRequest): string {
  return encodePath(`${mount}/issue/${role}`);
}

/** The certificate in an answer. */
export function certificateIn(answer: VaultAnswer, { doing }: Pick<VaultAsk, 'doing'>): Certificate {
  if (answer.status !== 200) throw refusalOf(doing, answer);
  const { certificate, private_key, serial_number, expiration, ca_chain, issuing_ca } = answer.body.data ?? {};
  if (typeof certificate !== 'string' || typeof private_key !== 'string' || typeof expiration !== 'number') {
    throw answerUnreadable(doing);
  }
  const issuers = Array.isArray(ca_chain) && ca_chain.length > 0 ? ca_chain.map(String) : [textOf(issuing_ca)];
  const signers = issuers.filter((issuer) => issuer !== '' && !isRoot(issuer));
  const expiresAt = new Date(expiration * 1000);
  return {
    certificate,
    chain: [certificate, ...signers].map((text) => `${text.trim()}\n`).join(''),
    authority: issuers.at(-1) ?? '',
    privateKey: new Secret(private_key),
    serialNumber: textOf(serial_number),
    expiresAt,
    // Both times are Vault's, so that it does not matter how far the clock here is from it.
    validMs: Math.max(0, expiresAt.getTime() - (answer.date ?? Date.now())),
  };
}

function isRoot(pem: string): boolean {
  try {
    const certificate = new X509Certificate(pem);
    return certificate.subject === certificate.issuer;
  } catch {
    return false;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
