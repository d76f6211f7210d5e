import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, order, post } from './support/requests.ts';
import { openTarget, type Attack, type Target } from './support/target.ts';

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target[Symbol.asyncDispose]());

const malformed = '400 REQUEST_MALFORMED';
const refused = '405 METHOD_NOT_ALLOWED';

const known: Attack[] = [
  ...[
    'DELETE',
    'PUT',
    'PATCH',
    'TRACE',
    'PROPFIND',
    'PROPPATCH',
    'MKCOL',
    'COPY',
    'MOVE',
    'LOCK',
    'UNLOCK',
    'SEARCH',
    'REPORT',
    'PURGE',
    'LINK',
    'SUBSCRIBE',
    'NOTIFY',
    'M-SEARCH',
    'QUERY',
    'SOURCE',
    'MKCALENDAR',
  ].map((method): Attack => [method, refused, 'serves', ask('/orders', [], method)]),
  ...['TRACE', 'DELETE', 'PURGE'].map((method): Attack => [
    `${method} of nothing`,
    '404 ROUTE_NOT_FOUND',
    'serves',
    ask('/nowhere', [], method),
  ]),
  ['OPTIONS', '204', 'serves', ask('/orders', [], 'OPTIONS')],
  ['OPTIONS of the server', '204', 'serves', ask('*', [], 'OPTIONS')],
  ['OPTIONS of nothing', '404 ROUTE_NOT_FOUND', 'serves', ask('/nowhere', [], 'OPTIONS')],
  ['OPTIONS with a body', '204', 'serves', ask('/orders', ['Content-Length: 5'], 'OPTIONS') + '{"a":'],
  [
    'OPTIONS before a request of another origin',
    '204',
    'serves',
    ask('/orders', ['Origin: https://evil.example', 'Access-Control-Request-Method: POST'], 'OPTIONS'),
  ],
  ['HEAD', '200', 'serves', ask('/orders', [], 'HEAD')],
  ['HEAD of nothing', '404', 'serves', ask('/nowhere', [], 'HEAD')],
  ['HEAD with a body', '200', 'serves', ask('/orders', ['Content-Length: 5'], 'HEAD') + 'GET /'],
  ['HEAD where POST alone is', '405', 'serves', ask('/orders/x/cancel', [], 'HEAD')],
  ['DELETE with a body', refused, 'serves', post(order).toString().replace('POST', 'DELETE')],
  ['TRACE with secrets', refused, 'serves', ask('/orders', ['Authorization: Bearer secret'], 'TRACE')],
  ['GET with a body', '200', 'serves', post(order, [], '/orders?limit=1').toString().replace('POST', 'GET')],
  [
    'GET with chunks',
    '200',
    'closes',
    `${ask('/orders?limit=1', ['Transfer-Encoding: chunked'])}5\r\nhello\r\n0\r\n\r\n`,
  ],
  ['GET where POST alone is', refused, 'serves', ask('/orders/6f9619ff-8b86-4d01-b42d-00cf4fc964ff/cancel')],
  ['DELETE of a probe', '405', 'serves', ask('/livez', [], 'DELETE')],
  ['TRACE of a probe', '405', 'serves', ask('/readyz', [], 'TRACE')],
  ['POST of a page', refused, 'serves', post(order, [], '/docs/')],
];

const unknown: Attack[] = [
  'BREW',
  'get',
  'Get',
  'gET',
  'GETT',
  'G',
  'GET\0',
  'G T',
  '__proto__',
  'CONSTRUCTOR',
  'X'.repeat(1_000),
  'X'.repeat(100_000),
  '\u0047\u00cb\u0054',
  '',
  '123',
  '!',
  'DEBUG',
  'TRACK',
].map((method): Attack => [
  `the method ${JSON.stringify(method.slice(0, 20))} (${method.length})`,
  malformed,
  'closes',
  ask('/orders', [], method),
]);

const tunnels: Attack[] = [
  ...['x:443', '127.0.0.1:22', '/orders', '*', 'http://x/', ''].map((to): Attack => [
    `a tunnel to ${JSON.stringify(to)}`,
    `405 TUNNEL_REFUSED | ${malformed}`,
    'closes',
    ask(to, [], 'CONNECT'),
  ]),
];

describe.each([
  ['a method', known],
  ['what is no method', unknown],
  ['a tunnel', tunnels],
])('%s:', (_, attacks) => {
  test.each(attacks)('%s gets %s and the connection %s', (...attack) => target.withstand(attack));

  test('and no harm is done', () => target.unharmed());
});

test('TRACE repeats nothing of the request', async () => {
  const { text } = await target.one(ask('/orders', ['Cookie: session=secret', 'Connection: close'], 'TRACE'));
  expect(text).not.toContain('secret');
});

test('no origin but its own is allowed anything', async () => {
  const origin = 'Origin: https://evil.example';
  const lines = [
    origin,
    'Access-Control-Request-Method: POST',
    'Access-Control-Request-Headers: content-type',
    'Connection: close',
  ];
  for (const method of ['OPTIONS', 'GET']) {
    const { headers } = await target.one(ask('/orders', lines, method));
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  }
});
