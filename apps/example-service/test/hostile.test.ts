import { exampleNewOrder } from '@org/example-service-contract';
import { startBuilt, type BuiltService } from '@org/service/testing';
import { rawRequest } from '@org/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { main, post } from './built.ts';

let service: BuiltService;
beforeAll(async () => {
  service = await startBuilt(main);
});
afterAll(() => service[Symbol.asyncDispose]());

/** Whatever came before, the next order is placed. */
afterEach(async () => {
  expect((await post(`${service.url}/orders`, exampleNewOrder)).status).toBe(201);
});

const json = { 'content-type': 'application/json' };
const order = JSON.stringify(exampleNewOrder);
const invalidUtf8 = Buffer.from(order.replace('Ada', '\xff\xfe'), 'latin1');

interface Attempt extends RequestInit {
  path?: string;
}

const attempts: [string, number, string, Attempt][] = [
  ['a body of 2 MiB', 413, 'BODY_TOO_LARGE', { body: `"${'x'.repeat(2 ** 21)}"` }],
  ['half of an order', 400, 'BODY_MALFORMED', { body: order.slice(0, order.length / 2) }],
  ['no body', 400, 'REQUEST_INVALID', { body: '' }],
  ['what is not JSON', 400, 'BODY_MALFORMED', { body: 'customerName=Ada' }],
  ['JSON in invalid UTF-8', 400, 'BODY_MALFORMED', { body: invalidUtf8 }],
  ['a key __proto__', 400, 'BODY_FORBIDDEN_KEY', { body: `{"__proto__":{"status":"paid"},${order.slice(1)}` }],
  ['an escaped key __proto__', 400, 'BODY_FORBIDDEN_KEY', { body: `{"\\u005f_proto__":{},${order.slice(1)}` }],
  ['a deep pit of brackets', 400, 'BODY_MALFORMED', { body: '['.repeat(500_000) }],
  ['null', 400, 'REQUEST_INVALID', { body: 'null' }],
  ['an order inside a list', 400, 'REQUEST_INVALID', { body: `[${order}]` }],
  ['a price of 1e400', 400, 'REQUEST_INVALID', { body: order.replace('1250', '1e400') }],
  ['a form', 415, 'MEDIA_TYPE_UNSUPPORTED', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
  ['text', 415, 'MEDIA_TYPE_UNSUPPORTED', { headers: { 'content-type': 'text/plain' } }],
  [
    'another charset',
    415,
    'MEDIA_TYPE_UNSUPPORTED',
    { headers: { 'content-type': 'application/json; charset=latin1' } },
  ],
  ['a compressed body', 415, 'ENCODING_UNSUPPORTED', { headers: { ...json, 'content-encoding': 'gzip' } }],
  ['a wish for HTML', 406, 'NOT_ACCEPTABLE', { headers: { ...json, accept: 'text/html' } }],
  [
    'an endless Idempotency-Key',
    400,
    'IDEMPOTENCY_KEY_MALFORMED',
    { headers: { ...json, 'idempotency-key': 'k'.repeat(256) } },
  ],
  ['no time at all', 400, 'TIMEOUT_MALFORMED', { headers: { ...json, 'x-request-timeout': '-1' } }],
  ['another method', 405, 'METHOD_NOT_ALLOWED', { method: 'DELETE', body: null }],
  ['an unknown path', 404, 'ROUTE_NOT_FOUND', { path: '/oders' }],
  [
    'a way out of the folder',
    404,
    'ROUTE_NOT_FOUND',
    { path: '/docs/%2e%2e%2f%2e%2e%2fmain.js', method: 'GET', body: null },
  ],
  ['a path that is no UTF-8', 400, 'PATH_MALFORMED', { path: '/orders/%ff', method: 'GET', body: null }],
];

describe('a request with', () => {
  test.each(attempts)('%s gets a problem document: %d %s', async (_, status, reason, { path = '/orders', ...init }) => {
    const response = await fetch(`${service.url}${path}`, { method: 'POST', headers: json, body: order, ...init });
    const text = await response.text();
    expect({ status: response.status, type: response.headers.get('content-type') }).toEqual({
      status,
      type: expect.stringContaining('application/problem+json'),
    });
    expect(JSON.parse(text)).toMatchObject({ status, reason, requestId: response.headers.get('x-request-id') });
    expect(text).not.toMatch(/\bat .+:\d+:\d+|node_modules|main\.js:/);
  });
});

describe('bytes', () => {
  const send = (text: string, options = {}) => rawRequest(Number(new URL(service.url).port), text, options);
  const head = 'POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

  test.each([
    ['that are no HTTP', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', 400],
    ['with two lengths', `${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}`, 400],
    ['with a length and chunks', `${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ['without a host', 'GET /orders HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['with headers without end', `${head}X-Long: ${'x'.repeat(100_000)}\r\n\r\n`, 431],
    ['that announce a gigabyte', `${head}Connection: close\r\nContent-Length: 1073741824\r\n\r\n{`, 413],
  ])('%s are answered and the connection ends', async (_, bytes, status) => {
    const { text } = await send(bytes);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text).toContain('application/problem+json');
  });

  test('that stop in the middle of an order harm nobody', async () => {
    const { end } = await send(`${head}Content-Length: ${order.length}\r\n\r\n${order.slice(0, 10)}`, {
      timeoutMs: 100,
    });
    expect(end).toBe('timeout');
  });
});

test('none of it is logged as an error', () => {
  expect(service.logs.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
});
