import { X509Certificate } from 'node:crypto';
import { createCertificateAuthority, type CertificateAuthority } from '../certificate-authority.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { parseSeconds } from './duration.ts';
import { invalid, noContent, ok, refuse, unsupportedPath, wrapped } from './reply.ts';
import type { VaultCall, VaultReply } from './reply.ts';
import { listOf } from './tokens.ts';
import type { Mount, VaultState } from './state.ts';

type Role = Readonly<Record<string, unknown>>;

/** What is opened by whoever mounts the engine, and closed with the double. */
export interface PkiEngine extends Mount, AsyncDisposable {}

/** The engine for certificates, by the program `openssl`. @see https://developer.hashicorp.com/vault/api-docs/secret/pki */
export async function openPki(state: VaultState): Promise<PkiEngine> {
  const directory = await temporaryDirectory();
  const roles = new Map<string, Role>();
  let authority: CertificateAuthority | undefined;
  return {
    type: 'pki',
    options: {},
    exists: (path) => roles.has(/^roles\/(.+)$/.exec(path)?.[1] ?? '') || path.startsWith('issue/'),
    async handle(call) {
      const [, kind = '', name = ''] = /^(roles|issue)\/([^/]+)$/.exec(call.path) ?? [];
      if (call.path === 'root/generate/internal' && call.method === 'POST') {
        authority = await createCertificateAuthority(directory.path);
        return ok({ certificate: authority.certificate.trim(), issuing_ca: authority.certificate.trim() });
      }
      if (kind === 'roles' && call.method === 'POST') return (roles.set(name, call.body), noContent);
      if (kind !== 'issue' || call.method !== 'POST') return unsupportedPath;
      const role = roles.get(name);
      if (!role) return invalid(`unknown role: ${name}`);
      // An engine without an authority is not set up.
      if (!authority)
        return refuse(500, wrapped('error fetching CA certificate: no default issuer currently configured'));
      return issue(state, authority, role, call);
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** @see https://developer.hashicorp.com/vault/api-docs/secret/pki#generate-certificate-and-key */
async function issue(
  state: VaultState,
  authority: CertificateAuthority,
  role: Role,
  { body }: VaultCall,
): Promise<VaultReply> {
  if (typeof body.common_name !== 'string' || body.common_name === '') {
    return invalid(
      'the common_name field is required, or must be provided in a CSR with "use_csr_common_name" set to true, unless "require_cn" is set to false',
    );
  }
  const names = [...new Set([body.common_name, ...listOf(body.alt_names), ...listOf(body.ip_sans)])];
  const refused = names.find((name) => !isAllowed(role, name));
  if (refused !== undefined) return invalid(`common name ${refused} not allowed by this role`);
  const wanted = parseSeconds(body.ttl) || parseSeconds(role.ttl) || 86_400;
  const seconds = Math.min(wanted, parseSeconds(role.max_ttl) || wanted);
  const notAfter = new Date(state.now() + seconds * 1000);
  const issued = await authority.issue({ names, notBefore: new Date(state.now() - 30_000), notAfter });
  const [certificate = '', issuer = ''] = issued.certificate.match(/-----BEGIN [^]*?-----END CERTIFICATE-----/g) ?? [];
  const serial = new X509Certificate(certificate).serialNumber.match(/../g)?.join(':').toLowerCase();
  return ok({
    certificate,
    issuing_ca: issuer,
    ca_chain: [issuer, authority.certificate.trim()],
    private_key: issued.key.trim(),
    private_key_type: 'ec',
    serial_number: serial,
    expiration: Math.floor(notAfter.getTime() / 1000),
  });
}

function isAllowed(role: Role, name: string): boolean {
  if (role.allow_any_name === true || /^[\d.]+$|:/.test(name)) return true;
  return listOf(role.allowed_domains).some(
    (domain) =>
      (name === domain && role.allow_bare_domains === true) ||
      (name.endsWith(`.${domain}`) && role.allow_subdomains === true),
  );
}
