import { expect, test } from 'vitest';
import { findSecrets } from './find-secrets.ts';

// Put together here, so that the scan of this repository does not find them.
const digits = '0123456789abcdefghijABCDEFGHIJ012345';
const key = [
  '-----BEGIN',
  ' PRIVATE KEY-----\n',
  'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n'.repeat(20),
  '-----END',
  ' PRIVATE KEY-----\n',
];

test.each([
  ['a token', `token: ghp_${digits}`],
  [
    'a password in the URL of a database',
    `DATABASE_URL=postgres://orders:${digits.slice(0, 12)}@db.example.com/orders`,
  ],
  ['a password in a URL', `https://user:${digits.slice(0, 12)}@example.com`],
  ['a private key', key.join('')],
])('%s is found, and its value is not told', async (_, text) => {
  const found = await findSecrets('a.txt', `first\n${text}\n`);
  expect(found).toMatchObject([{ line: 2 }]);
  expect(JSON.stringify(found)).not.toContain(digits.slice(0, 12));
});

test.each([
  'postgres://orders:hunter2@db/orders',
  'postgres://orders:[secret]@db',
  'vault:kv/orders/database#password',
])('%s is none', async (text) => {
  expect(await findSecrets('a.txt', text)).toEqual([]);
});
