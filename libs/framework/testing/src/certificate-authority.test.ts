import { X509Certificate, createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { createCertificateAuthority, hasOpenssl } from './certificate-authority.ts';
import { skipUnless } from './skip-unless.ts';
import { temporaryDirectory } from './temporary-directory.ts';

test('an authority issues certificates with their keys and the chain up to it', async (context) => {
  skipUnless(context, await hasOpenssl(), { what: 'OpenSSL 3', get: 'apt-get install openssl' });
  await using directory = await temporaryDirectory();
  const authority = await createCertificateAuthority(directory.path);
  const { certificate, key } = await authority.issue();
  const [leaf, intermediate] = certificate.match(/-----BEGIN[^]*?END CERTIFICATE-----/g)!.map(readCertificate);
  const root = readCertificate(authority.certificate);
  expect(leaf!.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect([leaf!.checkIssued(intermediate!), intermediate!.checkIssued(root)]).toEqual([true, true]);
  expect([leaf!.checkHost('localhost'), leaf!.checkIP('::1')]).toEqual(['localhost', '::1']);
});

test('a certificate may have other names and another time', async (context) => {
  skipUnless(context, await hasOpenssl(), { what: 'OpenSSL 3', get: 'apt-get install openssl' });
  await using directory = await temporaryDirectory();
  const authority = await createCertificateAuthority(directory.path);
  const times = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2020-02-01T12:30:00Z') };
  const { certificate } = await authority.issue({ names: ['orders.test'], ...times });
  const { subjectAltName, validFromDate, validToDate } = readCertificate(certificate);
  expect(subjectAltName).toBe('DNS:orders.test');
  expect({ notBefore: validFromDate, notAfter: validToDate }).toEqual(times);
});

function readCertificate(pem: string): X509Certificate {
  return new X509Certificate(pem);
}
