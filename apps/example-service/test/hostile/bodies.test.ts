import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chunk, order, orderHead, post } from './support/requests.ts';
import { openTarget, type Attack, type Target } from './support/target.ts';

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target[Symbol.asyncDispose]());

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const named = (name: string) => order.replace('Ada Lovelace', name);
const priced = (price: string) => order.replace('1250', price);
const withKey = (member: string) => `{${member},${order.slice(1)}`;
const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const megabyte = 2 ** 20;

const sizes: Attack[] = [
  ['a body one byte past the limit', '413 BODY_TOO_LARGE', 'closes', post(`"${'x'.repeat(megabyte - 1)}"`)],
  ['a body of 8 MiB', '413 BODY_TOO_LARGE', 'closes', post(`"${'x'.repeat(8 * megabyte)}"`)],
  [
    'a gigabyte that is announced and never comes',
    '413 BODY_TOO_LARGE',
    'closes',
    `${orderHead}Content-Length: 1073741824\r\n\r\n{`,
  ],
  [
    'the longest length that is a number',
    '413 BODY_TOO_LARGE',
    'closes',
    `${orderHead}Content-Length: 9007199254740991\r\n\r\n{`,
  ],
  [
    'chunks past the limit',
    '413 BODY_TOO_LARGE',
    'closes',
    `${orderHead}Transfer-Encoding: chunked\r\n\r\n${chunk('x'.repeat(megabyte)).repeat(4)}0\r\n\r\n`,
  ],
  [
    'chunks without end',
    '413 BODY_TOO_LARGE',
    'closes',
    `${orderHead}Transfer-Encoding: chunked\r\n\r\n${chunk('[[[[[[[[').repeat(megabyte / 4)}`,
  ],
  [
    'a body as large as the limit that is no order',
    '400 REQUEST_INVALID',
    'serves',
    post(`"${'x'.repeat(megabyte - 2)}"`),
  ],
];

const broken: Attack[] = [
  ['no body', '400 REQUEST_INVALID', 'serves', post('')],
  ['half an order', '400 BODY_MALFORMED', 'serves', post(order.slice(0, order.length / 2))],
  ['an order and one brace more', '400 BODY_MALFORMED', 'serves', post(`${order}}`)],
  ['two orders', '400 BODY_MALFORMED', 'serves', post(`${order}\n${order}`)],
  ['an open string', '400 BODY_MALFORMED', 'serves', post('"Ada')],
  ['a trailing comma', '400 BODY_MALFORMED', 'serves', post(`${order.slice(0, -1)},}`)],
  ['a comment', '400 BODY_MALFORMED', 'serves', post(`/* */${order}`)],
  ['single quotes', '400 BODY_MALFORMED', 'serves', post("{'customerName':'Ada'}")],
  ['a form', '400 BODY_MALFORMED', 'serves', post('customerName=Ada')],
  ['NaN', '400 BODY_MALFORMED', 'serves', post(priced('NaN'))],
  ['Infinity', '400 BODY_MALFORMED', 'serves', post(priced('Infinity'))],
  ['a hexadecimal price', '400 BODY_MALFORMED', 'serves', post(priced('0x10'))],
  ['a price with a leading zero', '400 BODY_MALFORMED', 'serves', post(priced('0777'))],
  ['spaces alone', '400 BODY_MALFORMED', 'serves', post(' '.repeat(1_000))],
  ['a line break inside a string', '400 BODY_MALFORMED', 'serves', post(named('Ada\nLovelace'))],
  ['a NUL byte inside a string', '400 BODY_MALFORMED', 'serves', post(named('Ada\0'))],
  ['a NUL byte behind the order', '400 BODY_MALFORMED', 'serves', post(`${order}\0`)],
  ['an unknown escape', '400 BODY_MALFORMED', 'serves', post(named('\\x41'))],
  ['a short escape', '400 BODY_MALFORMED', 'serves', post(named('\\u12'))],
  ['XML', '400 BODY_MALFORMED', 'serves', post('<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>')],
];

const encodings: Attack[] = [
  ['a byte that is no UTF-8', '400 BODY_MALFORMED', 'serves', post(latin1(named('\xff')))],
  ['Latin-1', '400 BODY_MALFORMED', 'serves', post(latin1(named('Zo\xeb')))],
  ['an overlong slash', '400 BODY_MALFORMED', 'serves', post(latin1(named('\xc0\xaf')))],
  ['an overlong NUL', '400 BODY_MALFORMED', 'serves', post(latin1(named('\xc0\x80')))],
  ['an overlong quote', '400 BODY_MALFORMED', 'serves', post(latin1(named('\xe0\x80\xa2')))],
  ['half of a surrogate pair as UTF-8', '400 BODY_MALFORMED', 'serves', post(latin1(named('\xed\xa0\x80')))],
  ['a code point past the last', '400 BODY_MALFORMED', 'serves', post(latin1(named('\xf4\x90\x80\x80')))],
  ['a character that is cut off', '400 BODY_MALFORMED', 'serves', post(latin1(named('\xf0\x9f\x98')))],
  ['UTF-16', '400 BODY_MALFORMED', 'serves', post(Buffer.from(order, 'utf16le'))],
  ['UTF-16 with its mark', '400 BODY_MALFORMED', 'serves', post(Buffer.from(`\ufeff${order}`, 'utf16le'))],
  ['an escaped half of a surrogate pair', '400 REQUEST_INVALID', 'serves', post(named('\\ud800'))],
  ['an escaped NUL', '400 REQUEST_INVALID', 'serves', post(named('\\u0000'))],
  ['an escaped line break', '400 REQUEST_INVALID', 'serves', post(named('Ada\\r\\nX: y'))],
  ['an escape code of terminals', '400 REQUEST_INVALID', 'serves', post(named('\\u001b[2J'))],
];

const shapes: Attack[] = [
  ['null', '400 REQUEST_INVALID', 'serves', post('null')],
  ['a number', '400 REQUEST_INVALID', 'serves', post('-0')],
  ['an empty object', '400 REQUEST_INVALID', 'serves', post('{}')],
  ['an order inside a list', '400 REQUEST_INVALID', 'serves', post(`[${order}]`)],
  [
    'a list with a length as an object',
    '400 REQUEST_INVALID',
    'serves',
    post(order.replace(/"items":\[.*\]/, '"items":{"length":100}')),
  ],
  [
    'ten thousand items',
    '400 REQUEST_INVALID',
    'serves',
    post(order.replace(/"items":\[.*\]/, `"items":[${'{},'.repeat(9_999)}{}]`)),
  ],
  [
    'half a million nulls',
    '400 REQUEST_INVALID',
    'serves',
    post(order.replace(/"items":\[.*\]/, `"items":[${'0,'.repeat(499_000)}0]`)),
  ],
  [
    'fifty thousand unknown keys',
    '400 REQUEST_INVALID',
    'serves',
    post(withKey(Array.from({ length: 50_000 }, (_, n) => `"k${n}":0`).join())),
  ],
  ['a key of half a megabyte', '400 REQUEST_INVALID', 'serves', post(withKey(`"${'k'.repeat(megabyte / 2)}":0`))],
  ['an unknown key toString', '400 REQUEST_INVALID', 'serves', post(withKey('"toString":0'))],
  ['an unknown key hasOwnProperty', '400 REQUEST_INVALID', 'serves', post(withKey('"hasOwnProperty":0'))],
  ['a status of the attacker’s own', '400 REQUEST_INVALID', 'serves', post(withKey('"status":"paid"'))],
  ['a total of the attacker’s own', '400 REQUEST_INVALID', 'serves', post(withKey('"total":1'))],
  ['a name of half a megabyte', '400 REQUEST_INVALID', 'serves', post(named('a'.repeat(megabyte / 2)))],
  ['half a megabyte of spaces for a name', '400 REQUEST_INVALID', 'serves', post(named(' '.repeat(megabyte / 2)))],
  ['an empty name', '400 REQUEST_INVALID', 'serves', post(named(''))],
];

const prototypes: Attack[] = [
  ['__proto__', '400 BODY_FORBIDDEN_KEY', 'serves', post(withKey('"__proto__":{"status":"paid"}'))],
  ['__proto__ with spaces', '400 BODY_FORBIDDEN_KEY', 'serves', post(withKey('"__proto__" \t\n:{"status":"paid"}'))],
  ['an escaped __proto__', '400 BODY_FORBIDDEN_KEY', 'serves', post(withKey('"\\u005f_proto__":{}'))],
  [
    'a wholly escaped __proto__',
    '400 BODY_FORBIDDEN_KEY',
    'serves',
    post(withKey('"\\u005F\\u005F\\u0070\\u0072\\u006F\\u0074\\u006F\\u005F\\u005F":{}')),
  ],
  [
    '__proto__ in the address',
    '400 BODY_FORBIDDEN_KEY',
    'serves',
    post(order.replace('"city"', '"__proto__":{"a":1},"city"')),
  ],
  [
    '__proto__ in an item',
    '400 BODY_FORBIDDEN_KEY',
    'serves',
    post(order.replace('"sku"', '"__proto__":{"a":1},"sku"')),
  ],
  ['__proto__ that is null', '400 BODY_FORBIDDEN_KEY', 'serves', post(withKey('"__proto__":null'))],
  [
    '__proto__ a thousand deep',
    '400 BODY_FORBIDDEN_KEY',
    'serves',
    post(withKey(`"a":${'{"a":'.repeat(20)}{"__proto__":{}}${'}'.repeat(20)}`)),
  ],
  [
    'constructor.prototype',
    '400 BODY_FORBIDDEN_KEY',
    'serves',
    post(withKey('"constructor":{"prototype":{"status":"paid"}}')),
  ],
  [
    'an escaped constructor.prototype',
    '400 BODY_FORBIDDEN_KEY',
    'serves',
    post(withKey('"\\u0063onstructor":{"\\u0070rototype":{}}')),
  ],
  ['a constructor that is a text', '400 REQUEST_INVALID', 'serves', post(withKey('"constructor":"x"'))],
];

const pits: Attack[] = [
  ['a list a hundred deep', '400 BODY_TOO_DEEP', 'serves', post(deep(100))],
  ['a list half a million deep', '400 BODY_TOO_DEEP', 'serves', post(deep(500_000))],
  ['an open list a million deep', '400 BODY_TOO_DEEP', 'serves', post('['.repeat(1_000_000))],
  [
    'objects a hundred thousand deep',
    '400 BODY_TOO_DEEP',
    'serves',
    post(`${'{"a":'.repeat(100_000)}0${'}'.repeat(100_000)}`),
  ],
  ['brackets inside a string', '400 REQUEST_INVALID', 'serves', post(named('['.repeat(10_000)))],
];

const numbers: Attack[] = [
  ['a price of 1e400', '400 REQUEST_INVALID', 'serves', post(priced('1e400'))],
  ['a price of -1e400', '400 REQUEST_INVALID', 'serves', post(priced('-1e400'))],
  ['a price of 1e-400', '201', 'serves', post(priced('1e-400'))],
  ['a price past what is exact', '400 REQUEST_INVALID', 'serves', post(priced('9007199254740993'))],
  ['a price of a thousand digits', '400 REQUEST_INVALID', 'serves', post(priced('9'.repeat(1_000)))],
  ['a price of half a million digits', '400 REQUEST_INVALID', 'serves', post(priced('9'.repeat(megabyte / 2)))],
  ['a price of a thousand zeros behind a point', '201', 'serves', post(priced(`7.${'0'.repeat(1_000)}`))],
  ['a total past what is exact', '400 AMOUNT_TOO_LARGE', 'serves', post(priced('9007199254740991'))],
  ['a price of half a cent', '400 REQUEST_INVALID', 'serves', post(priced('0.5'))],
  ['a negative price', '400 REQUEST_INVALID', 'serves', post(priced('-1'))],
  ['a price as a text', '400 REQUEST_INVALID', 'serves', post(priced('"1250"'))],
  ['a price as a list', '400 REQUEST_INVALID', 'serves', post(priced('[1250]'))],
  ['a price that is true', '400 REQUEST_INVALID', 'serves', post(priced('true'))],
];

const types: Attack[] = [
  [
    'no content type',
    '415 MEDIA_TYPE_UNSUPPORTED',
    'serves',
    `POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`,
  ],
  ...[
    '',
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json, text/plain',
    'application/jsonp',
    'application/json; charset=latin1',
    'application/json; charset=utf-16',
    'application/json;charset="utf-7"',
    'application/json; charset=utf-8; charset=utf-7',
    'application\\json',
    `application/${'a+'.repeat(4_000)}json!`,
    `application/json${'; a=b'.repeat(1_500)}; charset=x`,
    `${' '.repeat(8_000)}x`,
    '\u00ff\u00fe',
  ].map((type): Attack => [
    `the content type ${JSON.stringify(type.slice(0, 60))}`,
    '415 MEDIA_TYPE_UNSUPPORTED',
    'serves',
    post(order, [`Content-Type: ${type}`]),
  ]),
];

const million = Buffer.alloc(10 * megabyte, ' ');
const bombs: Attack[] = [
  ...(
    [
      ['gzip', gzipSync(million)],
      ['deflate', deflateSync(million)],
      ['br', brotliCompressSync(million)],
      ['zstd', zstdCompressSync(million)],
      ['gzip, gzip', gzipSync(gzipSync(million))],
      ['x-gzip', gzipSync(order)],
      ['GZIP', gzipSync(order)],
      ['identity, gzip', gzipSync(order)],
      ['compress', Buffer.from(order)],
      ['nothing-that-exists', Buffer.from(order)],
      ['', Buffer.from(order)],
    ] as const
  ).map(([encoding, body]): Attack => [
    `a body under ${JSON.stringify(encoding)}`,
    '415 ENCODING_UNSUPPORTED',
    'serves',
    post(body, [`Content-Encoding: ${encoding}`]),
  ]),
  ['a compressed body that is not said to be', '400 BODY_MALFORMED', 'serves', post(gzipSync(order))],
];

describe.each([
  ['a size', sizes],
  ['broken JSON', broken],
  ['an encoding', encodings],
  ['a shape', shapes],
  ['a key of prototypes', prototypes],
  ['a pit', pits],
  ['a number', numbers],
  ['a type', types],
  ['a bomb', bombs],
])('%s:', (_, attacks) => {
  test.each(attacks)('%s gets %s and the connection %s', (...attack) => target.withstand(attack));

  test('and no harm is done', () => target.unharmed());
});

test('a mark of byte order is not part of the order', async () => {
  const { status } = await target.one(post(`\ufeff${order}`, ['Connection: close']));
  expect([201, 400]).toContain(status);
});

test('of duplicate keys the last one counts, in every part that looks', async () => {
  const { status, text } = await target.one(post(withKey('"customerName":"First"'), ['Connection: close']));
  expect([status, JSON.parse(text)]).toMatchObject([201, { customerName: 'Ada Lovelace' }]);
});

test('no request has changed what other objects inherit', async () => {
  const { text } = await target.one(post(order, ['Connection: close']));
  expect(JSON.parse(text)).toMatchObject({ status: 'placed', total: 2_500 });
});
