import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from './support/requests.ts';
import { openTarget, type Target } from './support/target.ts';

const allowed = 'https://app.example.com';

let target: Target;
beforeAll(async () => {
  const environment = { REST_CORS_ORIGINS: `${allowed},https://*.example.org`, REST_CORS_CREDENTIALS: 'true' };
  target = await openTarget({ environment });
});
afterAll(() => target[Symbol.asyncDispose]());

const preflight = ['Access-Control-Request-Method: POST', 'Access-Control-Request-Headers: content-type'];

/** What a page of an origin is told that it may do, in answer to a request and to the question before it. */
async function allowances(origin: string): Promise<(string | undefined)[]> {
  const lines = [`Origin: ${origin}`, 'Connection: close'];
  const answers = [
    await target.one(ask('/orders?limit=1', lines)),
    await target.one(ask('/orders', [...lines, ...preflight], 'OPTIONS')),
    await target.one(ask('/nowhere', lines)),
  ];
  for (const { headers } of answers) expect(headers.vary).toMatch(/origin/i);
  return answers.map(({ headers }) => headers['access-control-allow-origin']);
}

test.each([
  '',
  'null',
  '*',
  'https://evil.example',
  'http://app.example.com',
  'https://app.example.com.evil.example',
  'https://evil.example/https://app.example.com',
  'https://evil.example#https://app.example.com',
  'https://app.example.com@evil.example',
  'https://app.example.com:444',
  'https://app.example.com/',
  'https://app.example.com, https://evil.example',
  'https://xapp.example.com',
  'https://appxexample.com',
  'https://example.org',
  'https://a.example.org.evil.example',
  'https://evil.example/.example.org',
  'https://evil.example?.example.org',
  'https://.example.org',
  'https://a b.example.org',
  'https://a\u00ff.example.org',
  'https://<script>.example.org',
  'https://a%00.example.org',
  'file://',
  'x'.repeat(10_000),
  `https://${'a.'.repeat(5_000)}example.com`,
])('a page of %j is allowed nothing', async (origin) => {
  expect(await allowances(origin)).toEqual([undefined, undefined, undefined]);
});

test('a page of an origin that is allowed is told so, and no other origin is', async () => {
  expect(await allowances(allowed)).toEqual([allowed, allowed, allowed]);
  expect(await allowances('https://a.example.org')).toEqual(Array.from({ length: 3 }, () => 'https://a.example.org'));
});

test.each([
  ['of methods that are none', ['Access-Control-Request-Method: BREW']],
  ['of no method', ['Access-Control-Request-Method:']],
  [
    'of a thousand headers',
    ['Access-Control-Request-Method: POST', `Access-Control-Request-Headers: ${'x-odd,'.repeat(1_000)}x`],
  ],
  [
    'of headers that are none',
    ['Access-Control-Request-Method: POST', 'Access-Control-Request-Headers: a b, (c), __proto__'],
  ],
  ['of a private network', ['Access-Control-Request-Method: POST', 'Access-Control-Request-Private-Network: true']],
])('a question %s repeats nothing that was asked', async (_, lines) => {
  const { status, headers } = await target.one(
    ask('/orders', [`Origin: ${allowed}`, ...lines, 'Connection: close'], 'OPTIONS'),
  );
  expect(status).toBe(204);
  expect(JSON.stringify(headers)).not.toMatch(/BREW|x-odd|__proto__|private-network/i);
});

test('no harm is done', () => target.unharmed());
