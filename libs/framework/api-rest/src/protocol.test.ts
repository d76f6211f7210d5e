import { connect } from 'node:net';
import { request as httpRequest } from 'node:http';
import { defineOperation } from '@org/contract';
import { rawRequest, waitFor } from '@org/testing';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { json, problemOf, serve, type Problem } from '../test-fixtures/serve.ts';
import { implement, type Route } from './index.ts';

const echo = defineOperation({
  id: 'echo',
  method: 'POST',
  path: '/echo',
  summary: 'Give back what was sent',
  body: z.unknown(),
  success: { status: 200, description: 'What was sent', body: z.looseObject({}) },
});
const getThing = defineOperation({
  id: 'getThing',
  method: 'GET',
  path: '/things/:id',
  summary: 'One thing',
  success: { status: 200, description: 'The thing', body: z.object({ id: z.string() }) },
});
const putThing = defineOperation({
  id: 'putThing',
  method: 'PUT',
  path: '/things/:id',
  summary: 'Put a thing',
  success: { status: 204, description: 'Done' },
});
const routes: Route[] = [
  implement(echo, ({ body }) => ({ body })),
  implement(getThing, ({ params }) => params),
  implement(putThing, () => undefined),
];

const bodyLimit = 1000;

describe('a body', () => {
  const jsonType = { 'content-type': 'application/json' };

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'Application/JSON',
    'application/merge-patch+json',
    'application/vnd.things.v1+json; charset=utf8',
  ])('is taken as %s', async (type) => {
    await using server = await serve(routes);
    const response = await fetch(`${server.url}/echo`, json({ a: [1, null] }, { 'content-type': type }));
    expect(await response.json()).toEqual({ body: { a: [1, null] } });
  });

  test('may be missing where its schema allows it', async () => {
    await using server = await serve(routes);
    expect(await (await fetch(`${server.url}/echo`, { method: 'POST' })).json()).toEqual({});
  });

  test.each<[string, string | Uint8Array | Buffer, Record<string, string>, number, string]>([
    ['is no JSON', '{"a":', jsonType, 400, 'BODY_MALFORMED'],
    ['is a word', 'hello', jsonType, 400, 'BODY_MALFORMED'],
    ['is white space', ' ', jsonType, 400, 'BODY_MALFORMED'],
    ['is no UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), jsonType, 400, 'BODY_MALFORMED'],
    ['is UTF-16', Buffer.from('"ä"', 'utf16le'), jsonType, 400, 'BODY_MALFORMED'],
    ['is half a character', Buffer.from([0x22, 0xc3, 0x22]), jsonType, 400, 'BODY_MALFORMED'],
    ['has __proto__', '{"a":{"__proto__":{"admin":true}}}', jsonType, 400, 'BODY_FORBIDDEN_KEY'],
    ['has an escaped __proto__', '{"\\u005f_proto__":1}', jsonType, 400, 'BODY_FORBIDDEN_KEY'],
    ['has a constructor’s prototype', '{"constructor":{"prototype":{}}}', jsonType, 400, 'BODY_FORBIDDEN_KEY'],
    ['is too large', JSON.stringify('x'.repeat(bodyLimit)), jsonType, 413, 'BODY_TOO_LARGE'],
    ['is text', '{}', { 'content-type': 'text/plain' }, 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['is a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['is in Latin-1', '{}', { 'content-type': 'application/json; charset=latin1' }, 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['is nearly JSON', '{}', { 'content-type': 'application/jsonx' }, 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['does not say what it is', Buffer.from('{}'), {}, 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['is compressed', '{}', { ...jsonType, 'content-encoding': 'gzip' }, 415, 'ENCODING_UNSUPPORTED'],
  ])('that %s is refused', async (_, body, headers, status, reason) => {
    await using server = await serve(routes, { bodyLimit });
    const response = await fetch(`${server.url}/echo`, { method: 'POST', headers, body: body as RequestInit['body'] });
    expect(await problemOf(response)).toMatchObject({ status, reason });
    expect(server.requests()).toMatchObject([{ status, reason, route: '/echo' }]);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  test('as deep as it may be long is no trouble', async () => {
    await using server = await serve(routes, { bodyLimit: 1024 * 1024 });
    const deep = '['.repeat(500_000);
    expect((await fetch(`${server.url}/echo`, json(deep))).status).toBe(400);
    expect((await fetch(`${server.url}/echo`, json(`${deep}${']'.repeat(500_000)}`))).status).toBeGreaterThanOrEqual(
      200,
    );
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  });

  test('that does not say how large it is, and is too large, is refused as soon as that shows', async () => {
    await using server = await serve(routes, { bodyLimit });
    const chunk = `${(100).toString(16)}\r\n${'x'.repeat(100)}\r\n`;
    const head =
      'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n';
    // Eleven chunks and no end: the answer does not wait for it.
    const { text, end } = await rawRequest(server.server.port, head + chunk.repeat(11), { until: /BODY_TOO_LARGE/ });
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(end).toBe('matched');
  });

  test('that is as large as the limit is taken', async () => {
    await using server = await serve(routes, { bodyLimit });
    const response = await fetch(`${server.url}/echo`, json(JSON.stringify('x'.repeat(bodyLimit - 2))));
    expect(response.status).toBe(200);
  });

  test('that ends before it should is refused', async () => {
    await using server = await serve(routes);
    const head = 'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"a"';
    const socket = connect(server.server.port, '127.0.0.1');
    socket.write(head);
    await waitFor(() => server.server.port && socket.bytesWritten === head.length, { what: 'the bytes to be sent' });
    socket.end();
    await waitFor(() => server.requests().length === 1, { what: 'the line of the request' });
    expect(server.requests()).toMatchObject([{ status: 400, route: '/echo', reason: 'REQUEST_MALFORMED' }]);
    socket.destroy();
  });

  test('that an operation does not take is ignored', async () => {
    await using server = await serve(routes);
    const response = await fetch(`${server.url}/things/7`, { ...json({ a: 1 }), method: 'PUT' });
    expect(response.status).toBe(204);
    expect((await fetch(`${server.url}/things/7`)).status).toBe(200);
  });
});

describe('a path or method that is not there', () => {
  test.each([
    ['GET', '/', 404, 'ROUTE_NOT_FOUND'],
    ['GET', '/thing', 404, 'ROUTE_NOT_FOUND'],
    ['GET', '/things/', 404, 'ROUTE_NOT_FOUND'],
    ['GET', '/things/7/', 404, 'ROUTE_NOT_FOUND'],
    ['GET', '/Things/7', 404, 'ROUTE_NOT_FOUND'],
    ['GET', `/things/${'x'.repeat(5000)}`, 404, 'ROUTE_NOT_FOUND'],
    ['GET', '/__proto__', 404, 'ROUTE_NOT_FOUND'],
    ['GET', '/things/%zz', 400, 'PATH_MALFORMED'],
    ['GET', '/things/%ff', 400, 'PATH_MALFORMED'],
    ['PROPFIND', '/nothing', 404, 'ROUTE_NOT_FOUND'],
    ['OPTIONS', '/nothing', 404, 'ROUTE_NOT_FOUND'],
  ])('%s %s is refused with %d %s', async (method, path, status, reason) => {
    await using server = await serve(routes);
    const response = await fetch(`${server.url}${path}`, { method });
    expect(await problemOf(response)).toMatchObject({ status, reason, instance: path });
    expect(server.requests()).toMatchObject([{ method, path, status }]);
    expect(server.requests()[0]?.route).toBeUndefined();
  });

  test.each(['POST', 'PATCH', 'DELETE', 'PROPFIND', 'PURGE'])(
    '%s where it is not is 405 with what is',
    async (method) => {
      await using server = await serve(routes);
      const response = await fetch(`${server.url}/things/7`, { method });
      expect(response.headers.get('allow')).toBe('GET, HEAD, PUT, OPTIONS');
      expect(await problemOf(response)).toMatchObject({ status: 405, reason: 'METHOD_NOT_ALLOWED' });
    },
  );

  test('TRACE is refused as any other', async () => {
    await using server = await serve(routes);
    const { text } = await rawRequest(
      server.server.port,
      'TRACE /echo HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
    );
    expect(text).toMatch(/^HTTP\/1\.1 405 /);
  });

  test('OPTIONS answers with what a path takes', async () => {
    await using server = await serve(routes);
    const response = await fetch(`${server.url}/echo?a=b`, { method: 'OPTIONS' });
    expect(response.status).toBe(204);
    expect(response.headers.get('allow')).toBe('POST, OPTIONS');
    const { text } = await rawRequest(server.server.port, 'OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 204 /);
  });

  test('an absolute URL is understood', async () => {
    await using server = await serve(routes);
    const bytes = 'GET http://a.example/things/7 HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\n\r\n';
    expect((await rawRequest(server.server.port, bytes)).text).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('Accept', () => {
  test.each([
    '*/*',
    'application/json',
    'application/*;q=0.5',
    'text/html, application/json;q=0.1',
    'application/hal+json',
  ])('with %s takes JSON', async (accept) => {
    await using server = await serve(routes);
    expect((await fetch(`${server.url}/things/7`, { headers: { accept } })).status).toBe(200);
  });

  test.each(['text/html', 'application/xml, image/*', 'application/json;q=0', '*/*;q=0.000'])(
    'with %s is refused',
    async (accept) => {
      await using server = await serve(routes);
      const response = await fetch(`${server.url}/things/7`, { headers: { accept } });
      expect(await problemOf(response)).toMatchObject({ status: 406, reason: 'NOT_ACCEPTABLE' });
    },
  );
});

describe('what is hardly HTTP', () => {
  const parsed = (text: string) => JSON.parse(text.slice(text.indexOf('\r\n\r\n'))) as Problem;

  test.each([
    ['garbage', '\x00\x01\x02\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    ['TLS', Buffer.from('160301020001', 'hex'), 400, 'REQUEST_MALFORMED'],
    ['no host', 'GET /things/7 HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    [
      'two lengths',
      'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      400,
      'REQUEST_MALFORMED',
    ],
    [
      'a length and chunks',
      'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
      400,
      'REQUEST_MALFORMED',
    ],
    ['large headers', `GET / HTTP/1.1\r\nhost: a\r\nx-a: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
    ['a large path', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: a\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
    [
      'an expectation',
      'POST /echo HTTP/1.1\r\nhost: a\r\nexpect: a-miracle\r\nconnection: close\r\n\r\n',
      417,
      'EXPECTATION_FAILED',
    ],
  ])('%s is answered with a problem and leaves the server unharmed', async (_, bytes, status, reason) => {
    await using server = await serve(routes);
    const { text, end } = await rawRequest(server.server.port, bytes);
    expect(end).toBe('closed');
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z]`));
    expect(text).toMatch(/\r\nx-request-id: [\w-]{36}\r\n/i);
    expect(parsed(text)).toMatchObject({ status, reason });
    expect((await fetch(`${server.url}/things/7`)).status).toBe(200);
  });

  test('a body is asked for where the client waits for that', async () => {
    await using server = await serve(routes);
    const body = await new Promise<string>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', expect: '100-continue' };
      const sent = httpRequest(`${server.url}/echo`, { method: 'POST', headers }, (response) => {
        response.setEncoding('utf8').once('data', resolve);
      });
      sent.once('continue', () => sent.end('1')).once('error', reject);
      sent.flushHeaders();
    });
    expect(body).toBe('{"body":1}');
  });

  test('HTTP/1.0 without a host is served', async () => {
    await using server = await serve(routes);
    expect((await rawRequest(server.server.port, 'GET /things/7 HTTP/1.0\r\n\r\n')).text).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('the probes', () => {
  test('answer with the status alone, and leave no trace', async () => {
    await using server = await serve(routes);
    for (const path of ['/livez', '/readyz', '/readyz?verbose']) {
      const response = await fetch(`${server.url}${path}`);
      expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
    }
    expect((await fetch(`${server.url}/livez`, { method: 'POST' })).status).toBe(405);
    expect(server.logs).toEqual([]);
  });
});
