import { expect, test } from 'vitest';
import { parseReference, referenceScheme } from './reference.ts';

test.each([
  ['env:NAME', { scheme: 'env', path: 'NAME' }],
  ['vault:kv/orders/database#password', { scheme: 'vault', path: 'kv/orders/database', key: 'password' }],
  ['vault:database/creds/orders', { scheme: 'vault', path: 'database/creds/orders' }],
  ['kubernetes:database/password', { scheme: 'kubernetes', path: 'database/password' }],
  ['aws-secrets:arn:aws:x', { scheme: 'aws-secrets', path: 'arn:aws:x' }],
])('%s is taken apart', (text, parts) => {
  expect(parseReference(text)).toEqual({ ...parts, text });
});

test.each([
  '',
  'vault',
  'vault:',
  'vault:#key',
  'vault:path#',
  'vault:a#b#c',
  'vault:a b',
  'vault:a\n',
  ':a',
  'Vault:a',
  '1:a',
])('%j is no reference', (text) => {
  expect(parseReference(text)).toBeUndefined();
});

test('a text is meant as a reference when it begins with a scheme of a store', () => {
  const schemes = ['vault', 'aws'];
  expect(referenceScheme('vault:', schemes)).toBe('vault');
  expect(referenceScheme('aws:x', schemes)).toBe('aws');
  for (const text of ['postgres://vault:x', 'vault', 'VAULT:x', 'awsx:y', '']) {
    expect(referenceScheme(text, schemes)).toBeUndefined();
  }
});
