import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { defineContract, defineOperation } from '@org/contract';
import { ServiceError } from '@org/errors';
import { waitFor } from '@org/testing';
import express, { type RequestHandler, type Response as ExpressResponse } from 'express';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { json, problemOf, serve, testRuntime } from '../test-fixtures/serve.ts';
import { createRestHandler, implement, serveRest, type Page } from './index.ts';

const getThing = defineOperation({
  id: 'getThing',
  method: 'GET',
  path: '/things/:id',
  summary: 'One thing',
  success: { status: 200, description: 'The thing', body: z.object({ id: z.string() }) },
});
const postThing = defineOperation({
  id: 'postThing',
  method: 'POST',
  path: '/things',
  summary: 'Post a thing',
  body: z.object({ id: z.string() }),
  success: { status: 200, description: 'The thing', body: z.object({ id: z.string() }) },
});
const routes = [implement(getThing, ({ params }) => params), implement(postThing, ({ body }) => body)];

/** The routes, where the handler of `getThing` is the test's and has the response of Express. */
const raw = (answer: (response: ExpressResponse) => unknown) => [
  implement(getThing, ({ params }, { request }) => {
    const given = answer(request.res!);
    return given instanceof Promise ? given.then(() => params) : params;
  }),
];
/** Any middleware brings the response into reach. */
const middleware: RequestHandler[] = [(_request, _response, next) => next()];

describe('middleware', () => {
  test('that sends a request elsewhere takes along no header of where it was to go', async () => {
    const retired = (id: string, since: string) =>
      implement(
        defineOperation({
          id,
          method: 'GET',
          path: `/${id}/:id`,
          summary: 'Gone soon',
          success: { status: 200, description: 'The id', body: z.object({ id: z.string() }) },
          deprecated: { since },
        }),
        ({ params }) => ({ id: String(params.id) }),
      );
    const rewrite: RequestHandler = (request, _, next) => {
      request.url = request.url.replace('/old/', String(request.headers['x-to']));
      next();
    };
    const all = [...routes, retired('old', '2026-01-31'), retired('other', '2026-02-28')];
    await using server = await serve(all, { middleware: [rewrite] });
    const since = async (to: string) =>
      (await fetch(`${server.url}/old/1`, { headers: { 'x-to': to } })).headers.get('deprecation');
    expect(await since('/things/')).toBeNull();
    expect(await since('/other/')).toBe(`@${Date.UTC(2026, 1, 28) / 1000}`);
    expect(await since('/old/')).toBe(`@${Date.UTC(2026, 0, 31) / 1000}`);
  });

  test('does not run for a request whose time was over before', async () => {
    let runs = 0;
    const count: RequestHandler = (_, __, next) => {
      runs += 1;
      next();
    };
    await using server = await serve(routes, { middleware: [count] });
    const response = await fetch(`${server.url}/nowhere`, { headers: { 'x-request-timeout': '0' } });
    expect([response.status, runs]).toEqual([504, 0]);
  });

  test('runs before the operations, in order, with the request and response of Express', async () => {
    const seen: unknown[] = [];
    await using server = await serve(routes, {
      middleware: [
        (request, response, next) => {
          seen.push(request.path, request.query, request.get('host') !== undefined, request.app === response.app);
          response.set('x-first', '1').locals.first = true;
          next();
        },
        async (_request, response, next) => {
          await Promise.resolve();
          seen.push(response.locals.first);
          next();
        },
      ],
    });
    const response = await fetch(`${server.url}/things/7?a=b`);
    expect(await response.json()).toEqual({ id: '7' });
    expect(response.headers.get('x-first')).toBe('1');
    expect(response.headers.has('x-powered-by')).toBe(false);
    expect(seen).toEqual(['/things/7', { a: 'b' }, true, true, true]);
  });

  test('may answer by itself; the answer carries the request id and is logged', async () => {
    await using server = await serve(routes, {
      middleware: [(_request, response) => void response.status(418).json({ short: 'stout' })],
    });
    const response = await fetch(`${server.url}/things/7`, { headers: { 'x-request-id': 'abc' } });
    expect([response.status, await response.json()]).toEqual([418, { short: 'stout' }]);
    expect(response.headers.get('x-request-id')).toBe('abc');
    expect(server.requests()).toMatchObject([{ status: 418, request_id: 'abc' }]);
  });

  test('may send a request elsewhere', async () => {
    await using server = await serve(routes, {
      middleware: [
        (request, _response, next) => {
          request.url = request.url.replace('/v1', '');
          next();
        },
      ],
    });
    expect(await (await fetch(`${server.url}/v1/things/7`)).json()).toEqual({ id: '7' });
    await waitFor(() => server.requests().length === 1, { what: 'the line' });
    expect(server.requests()).toMatchObject([{ path: '/v1/things/7', route: '/things/:id' }]);
    const refused = await fetch(`${server.url}/v1/things/7`, { method: 'DELETE' });
    expect(refused.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });

  test('may have read the body already', async () => {
    await using server = await serve(routes, { middleware: [express.json()] });
    expect(await (await fetch(`${server.url}/things`, json({ id: 'a' }))).json()).toEqual({ id: 'a' });
  });

  test('may have eaten the body', async () => {
    await using server = await serve(routes, {
      middleware: [(request, _response, next) => void request.resume().once('end', next)],
    });
    const problem = await problemOf(await fetch(`${server.url}/things`, json({ id: 'a' })));
    expect(problem.errors).toMatchObject([{ in: 'body', pointer: '' }]);
  });

  test('may pass on more than once', async () => {
    await using server = await serve(routes, {
      middleware: [
        (_request, _response, next) => {
          next();
          next();
        },
      ],
    });
    expect(await (await fetch(`${server.url}/things/7`)).json()).toEqual({ id: '7' });
    expect(server.requests()).toHaveLength(1);
  });

  const httpError = (fields: object) => Object.assign(new Error('hunter2'), fields);
  test.each<[string, unknown, number, string | undefined]>([
    ['status and a message to show', httpError({ status: 422, expose: true }), 422, 'hunter2'],
    ['statusCode', httpError({ statusCode: 403 }), 403, 'Forbidden.'],
    ['a status of the server’s', httpError({ status: 503, expose: true }), 503, undefined],
    ['a status that is none', httpError({ status: 200 }), 500, undefined],
    ['no status', new Error('hunter2'), 500, undefined],
    ['a text', 'hunter2', 500, undefined],
    ['a ServiceError', new ServiceError('permission_denied', 'Not you'), 403, 'Not you'],
  ])('that refuses with %s becomes a problem', async (_, thrown, status, detail) => {
    for (const refusing of [
      ((_request, _response, next) => next(thrown)) as RequestHandler,
      (async () => {
        throw thrown;
      }) as RequestHandler,
    ]) {
      await using server = await serve(routes, { middleware: [refusing] });
      const problem = await problemOf(await fetch(`${server.url}/things/7`));
      expect([problem.status, problem.detail]).toEqual([status, detail]);
      expect(server.requests()).toHaveLength(1);
    }
  });

  test('that refuses may say what its status obliges it to', async () => {
    await using server = await serve(routes, {
      middleware: [
        (_request, _response, next) => next(httpError({ status: 401, headers: { 'www-authenticate': 'Basic' } })),
      ],
    });
    const response = await fetch(`${server.url}/things/7`);
    expect(response.headers.get('www-authenticate')).toBe('Basic');
    expect((await problemOf(response)).code).toBe('unauthenticated');
  });

  test('of body-parser refuses in the same way', async () => {
    await using server = await serve(routes, { middleware: [express.json({ limit: 10 })] });
    const large = await problemOf(await fetch(`${server.url}/things`, json({ id: 'x'.repeat(20) })));
    expect(large).toMatchObject({ status: 413, detail: 'request entity too large' });
    expect((await problemOf(await fetch(`${server.url}/things`, json('{')))).status).toBe(400);
  });
});

describe('a handler that answers through the raw response', () => {
  const stopped = new Error('stop');

  test.each<[string, (response: ExpressResponse) => unknown]>([
    ['and gives something too', (response) => response.json({ mine: true })],
    ['twice', (response) => response.json({ mine: true }).json({ mine: false })],
    ['and throws', (response) => Promise.resolve(response.json({ mine: true })).then(() => Promise.reject(stopped))],
    [
      'and again when all is over',
      (response) => {
        response.json({ mine: true });
        setTimeout(() => response.set('x-late', '1').json({ mine: false }), 1);
        return new Promise((resolve) => setTimeout(resolve, 20));
      },
    ],
    [
      'and writes when all is over',
      (response) => {
        response.json({ mine: true });
        setImmediate(() => response.end('more'));
        return new Promise((resolve) => setTimeout(resolve, 20));
      },
    ],
  ])('%s, answers once, and that is logged', async (_, answer) => {
    await using server = await serve(raw(answer), { middleware });
    const response = await fetch(`${server.url}/things/7`);
    expect([response.status, await response.json()]).toEqual([200, { mine: true }]);
    await waitFor(() => server.logs.some(({ level }) => level === 'warn'), { what: 'the warning' });
    expect(server.requests()).toMatchObject([{ status: 200 }]);
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  });

  test('after its own answer does no harm', async () => {
    let late: ExpressResponse | undefined;
    await using server = await serve(
      raw((response) => void (late = response)),
      { middleware },
    );
    expect(await (await fetch(`${server.url}/things/7`)).json()).toEqual({ id: '7' });
    late!.status(500).set('x-late', '1').json({ late: true });
    late!.writeHead(500).end('late');
    await waitFor(() => server.logs.some(({ level }) => level === 'warn'), { what: 'the warning' });
    expect((await fetch(`${server.url}/things/7`)).status).toBe(200);
  });

  test('and breaks off half way closes the connection', async () => {
    await using server = await serve(
      raw((response) => {
        response.writeHead(200, { 'content-length': '100' }).write('half');
        throw stopped;
      }),
      { middleware },
    );
    await expect(fetch(`${server.url}/things/7`).then((response) => response.text())).rejects.toThrow(TypeError);
    await waitFor(() => server.requests().length === 1, { what: 'the line' });
    expect(server.logs).toMatchObject([{ level: 'error', fields: { aborted: true, err: { cause: stopped } } }]);
  });
});

describe('a page', () => {
  const page: Page = {
    path: '/docs',
    title: 'Docs',
    handler:
      ({ contract, openapiPath }) =>
      (request, response, next) => {
        if (request.path === '/missing') return next();
        if (request.path === '/broken') throw new Error('hunter2');
        response.json({ path: request.path, from: request.baseUrl, name: contract.name, openapiPath });
      },
  };

  test('is an Express handler below its path', async () => {
    await using server = await serve(routes, { pages: [page] });
    for (const path of ['/', '/a/b.css']) {
      const response = await fetch(`${server.url}/docs${path}`);
      expect(await response.json()).toEqual({ path, from: '/docs', name: 'things' });
      expect(response.headers.has('x-request-id')).toBe(true);
    }
    expect(server.requests()).toMatchObject([{ route: '/docs/*', status: 200 }, { route: '/docs/*' }]);
  });

  test('is left for its path with a slash, relative to wherever that is', async () => {
    await using server = await serve(routes, { pages: [page] });
    const response = await fetch(`${server.url}/docs`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, 'docs/']);
  });

  test('that passes on or fails is answered with a problem', async () => {
    await using server = await serve(routes, { pages: [page] });
    expect(await problemOf(await fetch(`${server.url}/docs/missing`))).toMatchObject({ status: 404 });
    expect(await problemOf(await fetch(`${server.url}/docs/broken`))).toMatchObject({ status: 500 });
    expect((await fetch(`${server.url}/docs/`, { method: 'POST' })).status).toBe(405);
  });
});

test('the document is the one of the contract, and is not there without one', async () => {
  const openapi = { openapi: '3.1.1', info: {}, paths: {} };
  const contract = defineContract({ name: 'things', version: '1.0.0', title: 'T', operations: [], openapi });
  await using server = await serve([], { contract });
  const response = await fetch(`${server.url}/openapi.json`);
  expect([response.headers.get('content-type'), await response.json()]).toEqual(['application/json', openapi]);
  await using other = await serve(routes);
  expect((await fetch(`${other.url}/openapi.json`)).status).toBe(404);
});

describe('routes and contract', () => {
  const contract = defineContract({ name: 'things', version: '1.0.0', title: 'T', operations: [getThing, postThing] });
  const at = (path: string) =>
    defineOperation({
      id: 'strange',
      method: 'GET',
      path,
      summary: 'S',
      success: { status: 204, description: 'Done' },
    });
  const settings = { port: 0, host: '127.0.0.1', bodyLimit: 1 };
  const [get, post] = routes as [(typeof routes)[0], (typeof routes)[0]];

  test.each([
    ['an operation without a route', [get], 'no route for postThing'],
    ['a route without an operation', [get, post, implement(at('/strange'), () => undefined)], 'strange'],
    ['two routes for an operation', [get, post, post], 'more than one route'],
  ])('are refused: %s', async (_, given, mentioned) => {
    const started = serveRest(settings, { contract, routes: given }, testRuntime());
    await expect(started).rejects.toThrow(TypeError);
    await expect(serveRest(settings, { contract, routes: given }, testRuntime())).rejects.toThrow(mentioned);
  });

  test.each(['/livez', '/readyz'])('are refused at the path of a probe: %s', (path) => {
    const operation = at(path);
    const other = defineContract({ ...contract, operations: [operation] });
    const options = { contract: other, routes: [implement(operation, () => undefined)] };
    expect(() => createRestHandler(settings, options, testRuntime())).toThrow('strange at the path of a probe');
  });

  test('are refused where a page is as well', () => {
    const page: Page = { path: '/things', title: 'T', handler: () => () => undefined };
    const operation = at('/things');
    const other = defineContract({ ...contract, operations: [operation] });
    const options = { contract: other, routes: [implement(operation, () => undefined)], pages: [page] };
    expect(() => createRestHandler(settings, options, testRuntime())).toThrow('`GET /things`');
  });
});

test('a handler without a socket serves the same, on any server', async () => {
  const runtime = testRuntime();
  const contract = defineContract({ name: 'things', version: '1.0.0', title: 'T', operations: [getThing, postThing] });
  const handler = createRestHandler({ port: 0, host: undefined, bodyLimit: 100 }, { contract, routes }, runtime);
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await (await fetch(`${url}/things`, json({ id: 'a' }))).json()).toEqual({ id: 'a' });
  expect((await problemOf(await fetch(`${url}/nothing`))).status).toBe(404);
  expect(runtime.logger.lines).toHaveLength(2);
  server.closeAllConnections();
  server.close();
});
