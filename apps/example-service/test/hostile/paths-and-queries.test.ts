import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, order, post } from './support/requests.ts';
import { openTarget, type Attack, type Target } from './support/target.ts';

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target[Symbol.asyncDispose]());

const notFound = '404 ROUTE_NOT_FOUND';
const malformedPath = '400 PATH_MALFORMED';
const invalid = '400 REQUEST_INVALID';
const rows = (expected: string, paths: readonly string[]): Attack[] =>
  paths.map((path) => [`${JSON.stringify(path.slice(0, 60))} (${path.length})`, expected, 'serves', ask(path)]);

const escapes = rows(`${malformedPath} | ${notFound} | ${invalid}`, [
  '/orders/%',
  '/orders/%4',
  '/orders/%zz',
  '/orders/%ff',
  '/orders/%c0%af',
  '/orders/%c0%ae%c0%ae/',
  '/orders/%e2%28%a1',
  '/orders/%ed%a0%80',
  '/orders/%f4%90%80%80',
  '/orders/%u002f',
  '/orders/%25%32%66',
  '/orders/%252e%252e',
  '/orders/%00',
  '/orders/a%00b',
  '/orders/%0d%0aSet-Cookie:%20a=b',
  '/orders/%0a',
  '/orders/%1b%5b2J',
  '/orders/%e2%80%a8',
  '/orders/%e2%80%ae',
  '/orders/%ef%bb%bf',
  '/orders/%20',
  `/orders/${'%41'.repeat(1_000)}`,
  `/orders/${'%'.repeat(1_000)}`,
]);

const ways = rows(`${notFound} | ${invalid} | ${malformedPath}`, [
  '/../../etc/passwd',
  '/orders/../../etc/passwd',
  '/orders/..',
  '/orders/.',
  '/./orders',
  '/..;/orders',
  '/orders/..;/x',
  '/orders;id=1',
  '/orders/..%2f..%2fetc%2fpasswd',
  '/orders/%2e%2e/%2e%2e/etc/passwd',
  '/orders/..\\..\\etc\\passwd',
  '/orders/%5c..%5c..%5cwin.ini',
  '/docs/../main.js',
  '/docs/%2e%2e/main.js',
  '/docs/%2e%2e%2fmain.js',
  '/docs/..%5cmain.js',
  '/docs/....//main.js',
  '/docs/%00',
  '/docs/index.html%00.js',
  '/docs/package.json',
  '/docs/.git/config',
  '/docs/C:/windows/win.ini',
  '/docs//etc/passwd',
  '//orders',
  '///orders',
  '//evil.example/orders',
  '/orders//',
  '/orders/',
  '/ORDERS',
  '/Orders',
  '/orders.json',
  '/orders%2f',
  '/%6frders/%2f',
  '/orders%3flimit=1',
  '/\uff4frders'.replace('\uff4f', '%ef%bd%8f'),
  '/orders/\uff0e\uff0e'.replaceAll('\uff0e', '%ef%bc%8e'),
  '/__proto__',
  '/constructor',
  '/orders/__proto__',
  '/orders/:id',
  '/orders/*',
  '/*',
  '/%2a',
  '/:',
  '/.env',
  '/.git/HEAD',
  '/wp-login.php',
  '/cgi-bin/%%32%65%%32%65/bin/sh',
  '/livez/..',
  '/livez%2f',
  '/metrics',
  '/loglevel',
  '/heap',
]);

const long: Attack[] = [
  ['a query of ten thousand characters', '414 URL_TOO_LONG', 'closes', ask(`/orders?cursor=${'A'.repeat(10_000)}`)],
  ['an id of a thousand characters', invalid, 'serves', ask(`/orders/${'a'.repeat(1_000)}`)],
  ['an id of fifteen thousand characters', '414 URL_TOO_LONG', 'closes', ask(`/orders/${'a'.repeat(15_000)}`)],
  ['a path of 17 KiB', '431 HEADERS_TOO_LARGE | 414 URL_TOO_LONG', 'closes', ask(`/${'a'.repeat(17_000)}`)],
  ['a path of a megabyte', '431 HEADERS_TOO_LARGE | 414 URL_TOO_LONG', 'closes', ask(`/${'a'.repeat(2 ** 20)}`)],
  ['five thousand segments', '414 URL_TOO_LONG', 'closes', ask('/a'.repeat(5_000))],
  ['ten thousand slashes', '414 URL_TOO_LONG', 'closes', ask('/'.repeat(10_000))],
  ['five thousand dots', '414 URL_TOO_LONG', 'closes', ask('/.'.repeat(5_000))],
  ['four thousand escapes', '414 URL_TOO_LONG', 'closes', ask(`/orders/${'%41'.repeat(4_000)}`)],
];

const forms: Attack[] = [
  ['a fragment behind a query', malformedPath, 'serves', ask('/orders?limit=1#x')],
  ['a fragment', malformedPath, 'serves', ask('/orders#x')],
  ['a path without its slash', '400 REQUEST_MALFORMED', 'closes', ask('orders')],
  ['no path', '400 REQUEST_MALFORMED', 'closes', 'GET HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a space in a path', '400 REQUEST_MALFORMED', 'closes', ask('/a b')],
  ['a tab in a path', '400 REQUEST_MALFORMED', 'closes', ask('/a\tb')],
  ['a NUL in a path', '400 REQUEST_MALFORMED', 'closes', ask('/a\0b')],
  ['an escape code in a path', '400 REQUEST_MALFORMED', 'closes', ask('/a\x1b[2Jb')],
  ['bytes of UTF-8 in a path', `400 REQUEST_MALFORMED | ${notFound}`, 'closes', ask('/\u00fc')],
  ['a form for proxies', `200 | ${notFound} | 400 REQUEST_MALFORMED`, 'serves', ask('http://x/orders?limit=1')],
  [
    'a form for proxies to somebody else',
    `200 | ${notFound} | 400 REQUEST_MALFORMED | 421`,
    'serves',
    ask('http://evil.example/orders?limit=1'),
  ],
  ['a form for proxies to a file', `${notFound} | 400 REQUEST_MALFORMED`, 'serves', ask('file:///etc/passwd')],
  [
    'a form for proxies to the cloud',
    `${notFound} | 400 REQUEST_MALFORMED`,
    'serves',
    ask('http://169.254.169.254/latest/meta-data/'),
  ],
  ['a star that is not OPTIONS', `${notFound} | 400 REQUEST_MALFORMED`, 'serves', ask('*')],
  ['a query alone', `400 REQUEST_MALFORMED | ${notFound}`, 'closes', ask('?limit=1')],
];

const queries: Attack[] = [
  ...rows(invalid, [
    '/orders?limit=0',
    '/orders?limit=-1',
    '/orders?limit=1e9',
    '/orders?limit=1e400',
    '/orders?limit=0x10',
    '/orders?limit=NaN',
    '/orders?limit=101',
    '/orders?limit=1.5',
    '/orders?limit=',
    '/orders?limit=%20',
    `/orders?limit=${'9'.repeat(4_000)}`,
    '/orders?limit=1&limit=2',
    `/orders?${'limit=1&'.repeat(1_000)}`,
    '/orders?limit[]=1&limit=x',
    '/orders?limit=1%00',
    '/orders?limit=%ff',
    '/orders?limit=%',
    '/orders?limit=1;status=paid',
    '/orders?status=PAID',
    '/orders?status=paid&status=placed',
    '/orders?status=__proto__',
    '/orders?status=toString',
    '/orders?status=%00',
    '/orders?status=%0d%0a',
    '/orders?status=',
    '/orders?status=paid%20',
    '/orders?status=+',
  ]),
  ...rows('400 CURSOR_INVALID | 400 REQUEST_INVALID', [
    '/orders?cursor=',
    '/orders?cursor=x',
    '/orders?cursor=%00',
    '/orders?cursor=null',
    '/orders?cursor=MA',
    `/orders?cursor=${Buffer.from('null').toString('base64url')}`,
    `/orders?cursor=${Buffer.from('-1').toString('base64url')}`,
    `/orders?cursor=${Buffer.from('1e400').toString('base64url')}`,
    `/orders?cursor=${Buffer.from('1.5').toString('base64url')}`,
    `/orders?cursor=${Buffer.from('"1"').toString('base64url')}`,
    `/orders?cursor=${Buffer.from('["x"]').toString('base64url')}`,
    `/orders?cursor=${Buffer.from('["99999999999999999999"]').toString('base64url')}`,
    `/orders?cursor=${Buffer.from('{"__proto__":{"a":1}}').toString('base64url')}`,
    `/orders?cursor=${Buffer.from('['.repeat(10_000)).toString('base64url').slice(0, 7_000)}`,
    `/orders?cursor=${'A'.repeat(7_000)}`,
    '/orders?cursor=a&cursor=b',
    '/orders?cursor=%ff%fe',
  ]),
  ...rows(`200 | ${invalid}`, [
    '/orders?',
    '/orders?&&&&&',
    '/orders?=',
    '/orders?=&=&=',
    '/orders?unknown=1',
    '/orders?__proto__=1',
    '/orders?__proto__[limit]=1',
    '/orders?__proto__.limit=1',
    '/orders?constructor=1&constructor=2',
    '/orders?constructor[prototype][limit]=1',
    '/orders?hasOwnProperty=1&toString=2&valueOf=3',
    '/orders?limit[0]=1',
    '/orders?limit[$gt]=1',
    '/orders?%6cimit=1',
    '/orders?LIMIT=1',
    '/orders?limit%00=1',
    '/orders?limit=1?limit=2',
    '/orders?+=+',
    '/orders?%=%',
    `/orders?${'a&'.repeat(4_000)}`,
    `/orders?${Array.from({ length: 750 }, (_, index) => `k${index}=${index}`).join('&')}`,
    `/orders?${'a'.repeat(8_000)}`,
    `/orders?a=${'%41'.repeat(2_600)}`,
    `/orders?a${'[b]'.repeat(2_600)}=c`,
  ]),
];

const elsewhere: Attack[] = [
  [
    'an order posted to a cursor',
    '404 ORDER_NOT_FOUND | 400 REQUEST_INVALID',
    'serves',
    post('', [], '/orders/__proto__/cancel'),
  ],
  [
    'a body to an operation without one',
    '404 ORDER_NOT_FOUND',
    'serves',
    post(order, [], '/orders/6f9619ff-8b86-4d01-b42d-00cf4fc964ff/cancel'),
  ],
  ['a megabyte to a path that is not there', notFound, 'closes', post('x'.repeat(2 ** 20), [], '/nowhere')],
  ['an order posted with its query', '201', 'serves', post(order, [], '/orders?__proto__=1&a=b')],
];

describe.each([
  ['an escape', escapes],
  ['a way out', ways],
  ['a long one', long],
  ['a form', forms],
  ['a query', queries],
  ['a place', elsewhere],
])('%s:', (_, attacks) => {
  test.each(attacks)('%s gets %s and the connection %s', (...attack) => target.withstand(attack));

  test('and no harm is done', () => target.unharmed());
});

test('no file of the machine or the bundle is ever given', async () => {
  const { text } = await target.one(ask('/docs/', ['Connection: close']));
  expect(text).toContain('<html');
  for (const path of ['/docs/%2e%2e%2f%2e%2e%2fpackage.json', '/docs/..%2f..%2fmain.js', '/docs/%2fetc%2fpasswd']) {
    const answer = await target.one(ask(path, ['Connection: close']));
    expect([answer.status, answer.headers['content-type']]).toEqual([404, expect.stringContaining('problem+json')]);
  }
});
