import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, chunk, order, orderHead } from './support/requests.ts';
import { openTarget, type Attack, type Target } from './support/target.ts';

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target[Symbol.asyncDispose]());

const malformed = '400 REQUEST_MALFORMED';
const coded = `${malformed} | 415 ENCODING_UNSUPPORTED`;
const { length } = Buffer.from(order);
const whole = `${length.toString(16)}\r\n${order}\r\n0\r\n\r\n`;
const chunked = (body: string, line = 'Transfer-Encoding: chunked') => `${orderHead}${line}\r\n\r\n${body}`;
/** An order that is framed in two ways at once, so that two parsers may see two different requests behind it. */
const framed = (...lines: string[]) => `${orderHead}${lines.join('\r\n')}\r\n\r\n${whole}`;

const lengths: Attack[] = [
  ['a length of nothing', malformed, 'closes', framed('Content-Length:')],
  ['a negative length', malformed, 'closes', framed('Content-Length: -1')],
  ['a length with a plus', malformed, 'closes', framed(`Content-Length: +${length}`)],
  ['a hexadecimal length', malformed, 'closes', framed('Content-Length: 0x5')],
  ['a length with an exponent', malformed, 'closes', framed('Content-Length: 1e3')],
  ['a length with a point', malformed, 'closes', framed(`Content-Length: ${length}.0`)],
  ['a length with a unit', malformed, 'closes', framed(`Content-Length: ${length}B`)],
  ['a length with a space in it', malformed, 'closes', framed('Content-Length: 1 0')],
  ['a length with an underscore', malformed, 'closes', framed('Content-Length: 1_0')],
  ['a length in Arabic digits', malformed, 'closes', framed('Content-Length: \u0661\u0660')],
  ['a length past what 64 bits hold', malformed, 'closes', framed('Content-Length: 18446744073709551616')],
  ['a length of a thousand digits', malformed, 'closes', framed(`Content-Length: ${'9'.repeat(1_000)}`)],
  ['two lengths that differ', malformed, 'closes', framed('Content-Length: 1', 'Content-Length: 2')],
  ['the same length twice', malformed, 'closes', framed(`Content-Length: ${length}`, `Content-Length: ${length}`)],
  ['a list of lengths', malformed, 'closes', framed(`Content-Length: ${length}, ${length}`)],
  ['a length and a comma', malformed, 'closes', framed(`Content-Length: ${length},`)],
  ['a quoted length', malformed, 'closes', framed(`Content-Length: "${length}"`)],
];

const codings: Attack[] = [
  ['a length, then chunks', malformed, 'closes', framed(`Content-Length: ${length}`, 'Transfer-Encoding: chunked')],
  ['chunks, then a length', malformed, 'closes', framed('Transfer-Encoding: chunked', `Content-Length: ${length}`)],
  ['chunks and a length of 0', malformed, 'closes', framed('Transfer-Encoding: chunked', 'Content-Length: 0')],
  ['chunks twice', malformed, 'closes', framed('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')],
  ['a list of chunks', malformed, 'closes', framed('Transfer-Encoding: chunked, chunked')],
  ['chunks, then identity', malformed, 'closes', framed('Transfer-Encoding: chunked', 'Transfer-Encoding: identity')],
  ['a list that ends with identity', malformed, 'closes', framed('Transfer-Encoding: chunked, identity')],
  ['identity', coded, 'closes', framed('Transfer-Encoding: identity')],
  ['no coding', malformed, 'closes', framed('Transfer-Encoding:')],
  ['an unknown coding', coded, 'closes', framed('Transfer-Encoding: xchunked')],
  ['a coding that only begins well', coded, 'closes', framed('Transfer-Encoding: chunkedx')],
  ['a quoted coding', coded, 'closes', framed('Transfer-Encoding: "chunked"')],
  ['a coding behind a vertical tab', malformed, 'closes', framed('Transfer-Encoding: \x0bchunked')],
  ['a coding behind a NUL', malformed, 'closes', framed('Transfer-Encoding: \0chunked')],
  ['a coding with a parameter', coded, 'closes', framed('Transfer-Encoding: chunked;a=b')],
  ['a coding with a space before its colon', malformed, 'closes', framed('Transfer-Encoding : chunked')],
  ['a coding in a folded line', malformed, 'closes', framed('Transfer-Encoding:\r\n chunked')],
  ['a coding in a line folded before', malformed, 'closes', framed('X: y\r\n Transfer-Encoding: chunked')],
  ['a coding behind a bare line feed', malformed, 'closes', framed('X: y\nTransfer-Encoding: chunked')],
  ['a coding behind a bare carriage return', malformed, 'closes', framed('X: y\rTransfer-Encoding: chunked')],
  ['a name with an underscore', '400 REQUEST_INVALID', 'closes', framed('Transfer_Encoding: chunked')],
  [
    'chunks in HTTP/1.0',
    `${malformed} | 201`,
    'closes',
    framed('Transfer-Encoding: chunked').replace('HTTP/1.1', 'HTTP/1.0'),
  ],
  ['gzip, then chunks', '415 ENCODING_UNSUPPORTED', 'closes', framed('Transfer-Encoding: gzip, chunked')],
  [
    'chunks that are named by the connection',
    '201',
    'serves',
    framed('Transfer-Encoding: chunked', 'Connection: transfer-encoding'),
  ],
  ['a coding in upper case', '201', 'serves', framed('TRANSFER-ENCODING: CHUNKED')],
];

const chunks: Attack[] = [
  ['a negative chunk', malformed, 'closes', chunked('-1\r\nx\r\n0\r\n\r\n')],
  ['a chunk with a plus', malformed, 'closes', chunked('+1\r\nx\r\n0\r\n\r\n')],
  ['a chunk with 0x', malformed, 'closes', chunked('0x1\r\nx\r\n0\r\n\r\n')],
  ['a chunk of nothing', malformed, 'closes', chunked('\r\nx\r\n0\r\n\r\n')],
  ['a chunk that is no number', malformed, 'closes', chunked('g\r\nx\r\n0\r\n\r\n')],
  ['a chunk behind a space', malformed, 'closes', chunked(' 1\r\nx\r\n0\r\n\r\n')],
  ['a chunk before a space', malformed, 'closes', chunked('1 \r\nx\r\n0\r\n\r\n')],
  ['a chunk before a tab', malformed, 'closes', chunked('1\t\r\nx\r\n0\r\n\r\n')],
  ['a chunk past what 64 bits hold', malformed, 'closes', chunked('fffffffffffffffff\r\nx\r\n0\r\n\r\n')],
  ['a chunk that wraps around 64 bits', malformed, 'closes', chunked('10000000000000001\r\nx\r\n0\r\n\r\n')],
  ['a chunk of 8 EiB', '413 BODY_TOO_LARGE', 'closes', chunked(`7fffffffffffffff\r\n${'x'.repeat(2 ** 21)}`)],
  ['a chunk that is longer than it says', malformed, 'closes', chunked('1\r\nxyz\r\n0\r\n\r\n')],
  ['a chunk that is shorter than it says', malformed, 'closes', chunked('5\r\nx\r\n0\r\n\r\n')],
  ['a chunk without its end', malformed, 'closes', chunked('1\r\nx0\r\n\r\n')],
  ['a chunk with a bare line feed behind its size', malformed, 'closes', chunked('1\nx\r\n0\r\n\r\n')],
  ['a chunk with a bare line feed behind its data', malformed, 'closes', chunked('1\r\nx\n0\r\n\r\n')],
  ['a chunk with a bare carriage return behind its size', malformed, 'closes', chunked('1\rx\r\n0\r\n\r\n')],
  ['a last chunk with a bare line feed', malformed, 'closes', chunked('0\n\r\n')],
  ['an end of chunks with a bare line feed', malformed, 'closes', chunked('0\r\n\n')],
  ['an extension of 20 KiB', malformed, 'closes', chunked(`1;${'e'.repeat(20_480)}\r\nx\r\n0\r\n\r\n`)],
  ['an extension with a bare line feed', malformed, 'closes', chunked('1;a\nb\r\nx\r\n0\r\n\r\n')],
  ['an extension with a bare carriage return', malformed, 'closes', chunked('1;a\rb\r\nx\r\n0\r\n\r\n')],
  ['an extension with a NUL', malformed, 'closes', chunked('1;a=\0\r\nx\r\n0\r\n\r\n')],
  [
    'a thousand extensions of a kilobyte',
    malformed,
    'closes',
    chunked(`1;${'e'.repeat(1_024)}\r\nx\r\n`.repeat(1_000)),
  ],
  ['a size with thousands of zeros', '201', 'serves', chunked(`${'0'.repeat(8)}${whole}`)],
  ['a trailer that is a length', malformed, 'closes', chunked(whole.replace(/\r\n$/, 'Content-Length: 5\r\n\r\n'))],
  [
    'a trailer that is a coding',
    malformed,
    'closes',
    chunked(whole.replace(/\r\n$/, 'Transfer-Encoding: chunked\r\n\r\n')),
  ],
  [
    'trailers of 100 KiB',
    '431 HEADERS_TOO_LARGE',
    'closes',
    chunked(whole.replace(/\r\n$/, `X: ${'x'.repeat(102_400)}\r\n\r\n`)),
  ],
  ['a trailer without a name', malformed, 'closes', chunked(whole.replace(/\r\n$/, ': x\r\n\r\n'))],
];

const lines: Attack[] = [
  ['a request line with a bare line feed', malformed, 'closes', 'GET /orders HTTP/1.1\nHost: x\r\n\r\n'],
  ['a header line with a bare line feed', malformed, 'closes', 'GET /orders HTTP/1.1\r\nHost: x\nX: y\r\n\r\n'],
  ['an end of headers with a bare line feed', malformed, 'closes', 'GET /orders HTTP/1.1\r\nHost: x\r\n\n'],
  ['bare line feeds everywhere', malformed, 'closes', 'GET /orders HTTP/1.1\nHost: x\n\n'],
  ['a bare carriage return in a value', malformed, 'closes', ask('/orders', ['X: a\rb'])],
  ['a bare carriage return in a name', malformed, 'closes', ask('/orders', ['X\rY: z'])],
  ['two carriage returns at the end of a line', malformed, 'closes', ask('/orders', ['X: y\r'])],
  ['a NUL in a value', malformed, 'closes', ask('/orders', ['X: a\0b'])],
  ['a NUL in a name', malformed, 'closes', ask('/orders', ['X\0: y'])],
  ['a folded value', malformed, 'closes', ask('/orders', ['X: a', ' b'])],
  ['a value folded with a tab', malformed, 'closes', ask('/orders', ['X: a', '\tb'])],
  ['a space before a colon', malformed, 'closes', ask('/orders', ['X : y'])],
  ['a header without a colon', malformed, 'closes', ask('/orders', ['X'])],
  ['a header without a name', malformed, 'closes', ask('/orders', [': y'])],
  ['a first header behind a space', malformed, 'closes', 'GET /orders HTTP/1.1\r\n Host: x\r\n\r\n'],
  ['a second host', malformed, 'closes', ask('/orders', ['Host: y'])],
  ['the same host again', malformed, 'closes', ask('/orders', ['Host: x'])],
  ['no host', malformed, 'closes', 'GET /orders HTTP/1.1\r\n\r\n'],
  ['no host in HTTP/1.0', '200', 'closes', 'GET /orders?limit=1 HTTP/1.0\r\n\r\n'],
  ['HTTP/0.9', malformed, 'closes', 'GET /orders\r\n'],
  ['HTTP/1.2', malformed, 'closes', ask('/orders').replace('1.1', '1.2')],
  ['HTTP/2.0', malformed, 'closes', ask('/orders').replace('1.1', '2.0')],
  ['HTTP/11.1', malformed, 'closes', ask('/orders').replace('1.1', '11.1')],
  ['HTTP/1.1 and a space', malformed, 'closes', ask('/orders').replace('1.1', '1.1 ')],
  ['http/1.1', malformed, 'closes', ask('/orders').replace('HTTP', 'http')],
  ['ICE/1.0', malformed, 'closes', ask('/orders').replace('HTTP/1.1', 'ICE/1.0')],
  ['two spaces before the version', '200', 'serves', ask('/orders?limit=1 ')],
  ['tabs instead of spaces', malformed, 'closes', 'GET\t/orders\tHTTP/1.1\r\nHost: x\r\n\r\n'],
  ['the preface of HTTP/2', malformed, 'closes', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'],
  ['a hello of TLS', malformed, 'closes', Buffer.from('16030100c8010000c40303', 'hex')],
  ['a greeting of SSH', malformed, 'closes', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['a line of the PROXY protocol', malformed, 'closes', `PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n${ask('/orders')}`],
  ['an answer instead of a request', malformed, 'closes', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['noise', malformed, 'closes', Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 73 + 11) % 256))],
  ['a kilobyte of NULs', malformed, 'closes', Buffer.alloc(1_024)],
  ['an empty line before a request', '200', 'serves', `\r\n${ask('/orders?limit=1')}`],
];

describe.each([
  ['a length', lengths],
  ['a coding', codings],
  ['a chunk', chunks],
  ['a line', lines],
])('%s:', (_, attacks) => {
  test.each(attacks)('%s gets %s and the connection %s', (...attack) => target.withstand(attack));

  test('and no harm is done', () => target.unharmed());
});

test('a length that is too short leaves a rest that is no request', () =>
  target.withstand(['', '400 BODY_MALFORMED', 'closes', `${orderHead}Content-Length: ${length - 5}\r\n\r\n${order}`]));

test('a length that is too long takes what follows for its own, and is answered for the whole', () =>
  target.withstand([
    '',
    '400 BODY_MALFORMED',
    'closes',
    `${orderHead}Content-Length: ${length + 10}\r\nConnection: close\r\n\r\n${order}`,
  ]));

test('a request inside a body is a body', async () => {
  const inner = ask('/orders/smuggled', ['X-Request-Id: smuggled']);
  const answers = await target.send(
    `${orderHead}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunk(inner)}0\r\n\r\n`,
  );
  expect(answers.map(({ status }) => status)).toEqual([400]);
  expect(target.service.logs.filter(({ request_id: id }) => id === 'smuggled')).toEqual([]);
});

test('a body on GET is read away, and is no request', () =>
  target.withstand(['', '200', 'serves', `${ask('/orders?limit=1', ['Content-Length: 5'])}GET /`]));
