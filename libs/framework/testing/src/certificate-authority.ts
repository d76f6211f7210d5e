import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface IssueOptions {
  /** DNS names, and IP addresses. Default: `localhost`, `127.0.0.1` and `::1`. */
  readonly names?: readonly string[];
  /** Default: an hour ago. */
  readonly notBefore?: Date;
  /** Default: in a day. */
  readonly notAfter?: Date;
}

/** A certificate and its key, in PEM. */
export interface IssuedCertificate {
  /** The certificate, and the one that signed it, which the authority signed. */
  readonly certificate: string;
  readonly key: string;
}

/** Who signs the certificates of a test: a root that clients trust, and an intermediate that nobody knows of. */
export interface CertificateAuthority {
  /** The root, in PEM. */
  readonly certificate: string;
  issue(options?: IssueOptions): Promise<IssuedCertificate>;
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const hourMs = 3_600_000;

/** Whether `createCertificateAuthority` can be used here: OpenSSL 3 is in `PATH`. */
export async function hasOpenssl(): Promise<boolean> {
  try {
    return (await promisify(execFile)('openssl', ['version'])).stdout.startsWith('OpenSSL 3');
  } catch {
    return false;
  }
}

/**
 * Makes an authority whose files lie in a folder of the test's, by the program `openssl`.
 *
 * @throws {Error} with what `openssl` says, when there is none or it fails.
 */
export async function createCertificateAuthority(directory: string): Promise<CertificateAuthority> {
  const path = (name: string) => join(directory, name);
  const openssl = (...args: string[]) => promisify(execFile)('openssl', args, { cwd: directory, timeout: 10_000 });
  const request = (name: string, subject: string, ...more: string[]) =>
    openssl('req', ...curve, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${subject}`, ...more);

  const signing = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'];
  const signed = (by: string) => ['-x509', '-days', '2', '-CA', `${by}.pem`, '-CAkey', `${by}.key`];
  await request('root', 'Test root', '-x509', '-days', '2', ...signing);
  await request('intermediate', 'Test intermediate', ...signed('root'), ...signing);
  const intermediate = await readFile(path('intermediate.pem'), 'utf8');
  await writeFile(path('index.txt'), '');
  let issued = 0;

  return {
    certificate: await readFile(path('root.pem'), 'utf8'),
    async issue({ names = ['localhost', '127.0.0.1', '::1'], notBefore, notAfter } = {}) {
      const name = `issued-${(issued += 1)}`;
      const alternatives = names.map((each) => `${/^[\d.]+$|:/.test(each) ? 'IP' : 'DNS'}:${each}`);
      await writeFile(path(`${name}.cnf`), configuration(alternatives.join(',')));
      await request(name, names[0] ?? 'nobody', '-new');
      const from = timeOf(notBefore ?? new Date(Date.now() - hourMs));
      const until = timeOf(notAfter ?? new Date(Date.now() + 24 * hourMs));
      const by = ['-cert', 'intermediate.pem', '-keyfile', 'intermediate.key'];
      const files = ['-config', `${name}.cnf`, '-in', `${name}.pem`, '-out', `${name}.crt`];
      // Only this command of OpenSSL 3.0 takes both times.
      await openssl('ca', '-batch', '-notext', ...files, ...by, '-startdate', from, '-enddate', until);
      const leaf = await readFile(path(`${name}.crt`), 'utf8');
      return { certificate: `${leaf}${intermediate}`, key: await readFile(path(`${name}.key`), 'utf8') };
    },
  };
}

const configuration = (alternatives: string) => `
[ca]
default_ca = test
[test]
database = index.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
policy = anything
x509_extensions = server
[anything]
commonName = supplied
[server]
subjectAltName = ${alternatives}
extendedKeyUsage = serverAuth
`;

/** As ASN.1 has it: `20261231235959Z`. */
function timeOf(date: Date): string {
  return `${date.toISOString().replaceAll(/[-:T]|\..*/g, '')}Z`;
}
