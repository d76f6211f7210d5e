import { defineOperation, pageQuery, queryList } from '@org/contract';
import { ServiceError } from '@org/errors';
import { currentCall } from '@org/context';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { json, problemOf, serve } from '../test-fixtures/serve.ts';
import { accepted, created, implement, noContent, reply, type Route } from './index.ts';

const thing = z.object({ id: z.string(), quantity: z.int().default(1) });

const placeThing = defineOperation({
  id: 'placeThing',
  method: 'POST',
  path: '/things',
  summary: 'Place a thing',
  headers: z.object({ 'x-shop': z.string().optional() }),
  body: z.strictObject({ id: z.string().min(1), items: z.array(z.object({ 'a/b': z.int().min(1) })).default([]) }),
  success: { status: 201, description: 'The thing', body: thing },
});
const getThing = defineOperation({
  id: 'getThing',
  method: 'GET',
  path: '/things/:id',
  summary: 'One thing',
  params: z.object({ id: z.string().max(20) }),
  success: { status: 200, description: 'The thing', body: thing },
});
const listThings = defineOperation({
  id: 'listThings',
  method: 'GET',
  path: '/things',
  summary: 'Things',
  query: pageQuery().extend({ tag: queryList(z.string()) }),
  success: { status: 200, description: 'What was asked for', body: z.looseObject({}) },
});
const deleteThing = defineOperation({
  id: 'deleteThing',
  method: 'DELETE',
  path: '/things/:id',
  summary: 'Delete a thing',
  success: { status: 204, description: 'It is gone' },
});

const routes: Route[] = [
  implement(placeThing, ({ body }) => created(`/things/${body.id}`, { id: body.id, quantity: body.items.length })),
  implement(getThing, async ({ params }) => ({ id: params.id, secret: 'not in the contract' })),
  implement(listThings, ({ query }) => ({ ...query })),
  implement(deleteThing, () => undefined),
];

/** One operation whose handler is the test's. */
function one(handler: Parameters<typeof implement>[1]): Route {
  return implement(getThing, handler as never);
}

describe('an operation', () => {
  test('answers what its handler gives, held to the contract', async () => {
    await using server = await serve(routes);
    const response = await fetch(`${server.url}/things/7`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ id: '7', quantity: 1 });
  });

  test('answers 201 with the location and the thing', async () => {
    await using server = await serve(routes);
    const response = await fetch(`${server.url}/things`, json({ id: 'a', items: [{ 'a/b': 1 }, { 'a/b': 2 }] }));
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe('/things/a');
    expect(await response.json()).toEqual({ id: 'a', quantity: 2 });
  });

  test('answers 204 without a body and without a length', async () => {
    await using server = await serve(routes);
    const response = await fetch(`${server.url}/things/7`, { method: 'DELETE' });
    expect(response.status).toBe(204);
    expect(response.headers.has('content-length')).toBe(false);
    expect(await response.text()).toBe('');
  });

  test('reads the query by its schema: repeated keys are a list, text becomes numbers', async () => {
    await using server = await serve(routes);
    const response = await fetch(`${server.url}/things?limit=5&tag=a&tag=b&other=x&cursor=%C3%A4`);
    expect(await response.json()).toEqual({ limit: 5, tag: ['a', 'b'], cursor: 'ä' });
  });

  test('decodes the path', async () => {
    await using server = await serve(routes);
    const response = await fetch(`${server.url}/things/${encodeURIComponent('ä/ b')}`);
    expect(await response.json()).toMatchObject({ id: 'ä/ b' });
  });

  test('answers HEAD with the headers of GET and no body', async () => {
    await using server = await serve(routes);
    const get = await fetch(`${server.url}/things/7`);
    const head = await fetch(`${server.url}/things/7`, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
    const compared = (response: Response) =>
      [...response.headers].filter(([name]) => !['date', 'x-request-id', 'connection', 'keep-alive'].includes(name));
    expect(compared(head)).toEqual(compared(get));
  });

  test.each([
    ['accepted', accepted({ id: 'a' }), 202, { id: 'a', quantity: 1 }],
    ['noContent', noContent(), 204, undefined],
    ['reply with a status', reply({ status: 203, body: { id: 'b' } }), 203, { id: 'b', quantity: 1 }],
    ['reply without one', reply({ headers: { etag: '"1"' }, body: { id: 'c' } }), 200, { id: 'c', quantity: 1 }],
    ['a redirect', reply({ status: 303, headers: { location: '/' } }), 303, undefined],
  ])('answers %s', async (_, given, status, body) => {
    await using server = await serve([one(() => given)]);
    const response = await fetch(`${server.url}/things/7`, { redirect: 'manual' });
    expect(response.status).toBe(status);
    const text = await response.text();
    expect(text === '' ? undefined : JSON.parse(text)).toEqual(body);
  });

  test('runs in its call, which everything below can ask for', async () => {
    await using server = await serve([
      one(async (_, { requestId, signal, identity }) => {
        await Promise.resolve();
        return { id: `${requestId} ${currentCall()?.requestId} ${signal.aborted} ${identity === undefined}` };
      }),
    ]);
    const response = await fetch(`${server.url}/things/7`, { headers: { 'x-request-id': 'my-id' } });
    expect(await response.json()).toMatchObject({ id: 'my-id my-id false true' });
  });
});

describe('the request id', () => {
  test.each(['a', 'a-b_c.d:e/f+g=h@i', 'x'.repeat(128)])('is the caller’s: %s', async (id) => {
    await using server = await serve(routes);
    const response = await fetch(`${server.url}/things/7`, { headers: { 'x-request-id': id } });
    expect(response.headers.get('x-request-id')).toBe(id);
  });

  test.each(['', ' ', 'a b', 'x'.repeat(129), '<script>', '"', 'ä', 'a,b'])(
    'is a new one in place of %j',
    async (id) => {
      await using server = await serve(routes);
      const response = await fetch(`${server.url}/things/7`, { headers: { 'x-request-id': id } });
      expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  test.each(['/things/7', '/nothing', '/livez', '/things?limit=x'])('is on every answer: %s', async (path) => {
    await using server = await serve(routes);
    const response = await fetch(`${server.url}${path}`, { headers: { 'x-request-id': 'abc' } });
    expect(response.headers.get('x-request-id')).toBe('abc');
  });
});

describe('a request that does not fit', () => {
  test('is told every place, by part and JSON pointer', async () => {
    await using server = await serve(routes);
    const body = { items: [{ 'a/b': 1 }, { 'a/b': 0 }], extra: true };
    const response = await fetch(`${server.url}/things`, json(body, { 'x-request-id': 'abc' }));
    expect(await problemOf(response)).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      detail:
        'The request does not fit the operation placeThing at body/id, body/items/1/a~1b, body/extra. See `errors`',
      instance: '/things',
      code: 'invalid_argument',
      reason: 'REQUEST_INVALID',
      requestId: 'abc',
      errors: [
        { in: 'body', pointer: '/id', detail: expect.stringContaining('string') },
        { in: 'body', pointer: '/items/1/a~1b', detail: expect.stringContaining('1') },
        { in: 'body', pointer: '/extra', detail: 'Unknown key' },
      ],
    });
  });

  test.each([
    ['/things?limit=', 'query', '/limit'],
    ['/things?limit=0', 'query', '/limit'],
    ['/things?limit=1&limit=2', 'query', '/limit'],
    [`/things/${'x'.repeat(21)}`, 'path', '/id'],
  ])('%s is wrong in its %s', async (path, part, pointer) => {
    await using server = await serve(routes);
    const { errors } = await problemOf(await fetch(`${server.url}${path}`));
    expect(errors).toMatchObject([{ in: part, pointer }]);
  });

  test('gets an answer of bounded length', async () => {
    await using server = await serve(routes);
    const items = Array.from({ length: 5000 }, () => ({}));
    const { errors } = await problemOf(await fetch(`${server.url}/things`, json({ id: 'a', items })));
    expect(errors).toHaveLength(100);
  });
});

describe('a handler that fails', () => {
  const failing = (thrown: unknown) =>
    serve([
      one(async () => {
        throw thrown;
      }),
    ]);

  test.each([
    ['not_found', 404],
    ['already_exists', 409],
    ['permission_denied', 403],
    ['unauthenticated', 401],
    ['resource_exhausted', 429],
    ['failed_precondition', 400],
  ] as const)('with %s answers %d with its text, reason and details', async (code, status) => {
    const error = new ServiceError(code, 'Say why', { reason: 'THE_REASON', details: { left: 3, retryAfterMs: 1500 } });
    await using server = await failing(error);
    const response = await fetch(`${server.url}/things/7`);
    expect(response.headers.get('retry-after')).toBe('2');
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ status, code, detail: 'Say why', reason: 'THE_REASON', details: { left: 3 } });
    expect(server.requests()).toMatchObject([{ status, code, reason: 'THE_REASON' }]);
  });

  test.each([
    ['unavailable', 503],
    ['internal', 500],
    ['deadline_exceeded', 504],
    ['unimplemented', 501],
  ] as const)('with %s answers %d without its text, and logs it once', async (code, status) => {
    const cause = new Error('the password is hunter2');
    await using server = await failing(
      new ServiceError(code, 'inner', { cause, details: { host: 'database', retryAfterMs: 1 } }),
    );
    const response = await fetch(`${server.url}/things/7`);
    expect(response.headers.get('retry-after')).toBe('1');
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ status, code });
    expect(JSON.stringify(problem)).not.toMatch(/inner|hunter2|database|stack/);
    expect(server.logs).toMatchObject([{ level: 'error', message: 'request', fields: { status, err: { cause } } }]);
  });

  test.each([
    ['an error', new Error('hunter2')],
    ['a text', 'hunter2'],
    ['nothing', undefined],
    ['null', null],
    ['an object', { status: 404, message: 'hunter2' }],
    ['an error of a client that has a status', Object.assign(new Error('hunter2'), { status: 404, expose: true })],
  ])('with %s is internal', async (_, thrown) => {
    await using server = await failing(thrown);
    const problem = await problemOf(await fetch(`${server.url}/things/7`));
    expect(problem).toMatchObject({ status: 500, code: 'internal' });
    expect(JSON.stringify(problem)).not.toContain('hunter2');
    expect(server.logs).toMatchObject([{ level: 'error' }]);
  });

  test('synchronously is answered all the same', async () => {
    await using server = await serve([
      one(() => {
        throw new ServiceError('not_found', 'No such thing');
      }),
    ]);
    expect((await problemOf(await fetch(`${server.url}/things/7`))).detail).toBe('No such thing');
  });

  test('with details that cannot be written down is a logged 500', async () => {
    await using server = await failing(new ServiceError('not_found', 'No such thing', { details: { big: 1n } }));
    expect((await problemOf(await fetch(`${server.url}/things/7`))).status).toBe(500);
    expect(server.logs).toMatchObject([{ level: 'error' }]);
  });
});

describe('a handler that breaks its promise is a logged 500', () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;

  test.each<[string, unknown]>([
    ['a body that does not fit', { id: 7 }],
    ['no body', undefined],
    ['a body that is no JSON', { id: 'a', quantity: 1n }],
    ['a bad header name', reply({ headers: { 'a b': 'c' }, body: { id: 'a' } })],
    ['a line break in a header', reply({ headers: { 'x-a': 'a\r\nset-cookie: b=c' }, body: { id: 'a' } })],
    ['a header that is no text', reply({ headers: { 'x-a': undefined as never }, body: { id: 'a' } })],
    ['a length of its own', reply({ headers: { 'Content-Length': '5' }, body: { id: 'a' } })],
    ['chunks of its own', reply({ headers: { 'transfer-encoding': 'chunked' }, body: { id: 'a' } })],
    ['a status of an error', reply({ status: 404, body: { id: 'a' } })],
    ['an informational status', reply({ status: 101 })],
    ['a status that is none', reply({ status: 200.5, body: { id: 'a' } })],
    ['a 201 without a location', reply({ status: 201, body: { id: 'a' } })],
    ['a circle', { ...circular, id: circular }],
  ])('%s', async (_, given) => {
    await using server = await serve([one(() => given)]);
    const response = await fetch(`${server.url}/things/7`);
    expect(response.headers.has('set-cookie')).toBe(false);
    expect(await problemOf(response)).toMatchObject({ status: 500, code: 'internal' });
    expect(server.logs).toMatchObject([{ level: 'error', fields: { status: 500 } }]);
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  });
});
