import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { serveRest, type RestOptions } from '@org/api-rest';
import { swagger } from '@org/api-swagger';
import { contract, exampleNewOrder, type Order } from '@org/example-service-contract';
import { defineService } from '@org/service';
import { startService } from '@org/service/testing';
import { waitFor } from '@org/testing';
import compression from 'compression';
import cookieParser from 'cookie-parser';
import { rateLimit } from 'express-rate-limit';
import session from 'express-session';
import helmet from 'helmet';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { databases } from '../test-fixtures/databases.ts';
import { config } from '../src/config.ts';
import * as models from '../src/models/index.ts';
import { createOrders } from '../src/orders.ts';
import { orderRoutes } from '../src/routes/orders.ts';
import { post } from './built.ts';

// Middleware of Express's as it is published, in a service that is composed as the example is.

const database = await databases.open();
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(() => database.delete(models.orders).then(() => {}));

type Middleware = NonNullable<RestOptions['middleware']>;

const serve = (middleware: Middleware, environment: Record<string, string> = {}) =>
  startService(
    defineService({
      name: 'example-service',
      config,
      contract,
      async start({ settings, start }) {
        const routes = orderRoutes(createOrders(database));
        const pages = [swagger()];
        await start('rest', (runtime) => serveRest(settings.rest, { contract, routes, pages, middleware }, runtime));
      },
    }),
    { environment },
  );

/** Asks without what a client of HTTP does by itself, and gives the bytes as they came. */
async function ask(
  url: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<{ response: IncomingMessage; body: Buffer }> {
  const [response] = (await once(httpRequest(url, { headers, method, agent: false }).end(), 'response')) as [
    IncomingMessage,
  ];
  return { response, body: await buffer(response) };
}

describe('helmet', () => {
  const paths = ['/orders', '/orders/7', '/nowhere', '/openapi.json', '/docs', '/docs/', '/docs/nothing'];

  test.each(paths)('sets its headers on %s, each once', async (path) => {
    await using service = await serve([helmet({ xFrameOptions: { action: 'sameorigin' } })]);
    const { response } = await ask(`${service.url}${path}`);
    expect(response.headers).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'x-frame-options': 'SAMEORIGIN',
      'x-content-type-options': 'nosniff',
      'x-permitted-cross-domain-policies': 'none',
      'x-xss-protection': '0',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
    });
    const names = response.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
    expect(names).toEqual([...new Set(names)]);
  });

  test('has the last word before that of a page', async () => {
    await using service = await serve([helmet({ contentSecurityPolicy: { directives: { 'img-src': ['data:'] } } })]);
    const policyOf = async (path: string) =>
      (await fetch(`${service.url}${path}`)).headers.get('content-security-policy');
    expect(await policyOf('/orders')).toContain('img-src data:');
    expect(await policyOf('/nowhere')).toContain('img-src data:');
    expect(await policyOf('/docs/')).toContain("script-src 'self'; style-src 'self' 'unsafe-inline'");
  });
});

describe('compression', () => {
  const gzip = { 'accept-encoding': 'gzip' };

  test('compresses the answer of an operation, which a client reads', async () => {
    await using service = await serve([compression({ threshold: 100 })]);
    const placed: Order[] = [];
    for (let count = 0; count < 20; count += 1) {
      placed.push((await (await post(`${service.url}/orders`, exampleNewOrder)).json()) as Order);
    }
    const { response, body } = await ask(`${service.url}/orders`, gzip);
    expect(response.headers).toMatchObject({ 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' });
    expect(response.headers).not.toHaveProperty('content-length');
    expect(response.headers.vary).toMatch(/accept-encoding/i);
    const text = gunzipSync(body).toString();
    expect(body.length).toBeLessThan(text.length);
    expect((JSON.parse(text) as { items: Order[] }).items).toEqual(placed);
    const read = (await (await fetch(`${service.url}/orders`)).json()) as { items: Order[] };
    expect(read.items).toEqual(placed);
    const plain = await ask(`${service.url}/orders`);
    expect(plain.body.toString()).toBe(text);
    expect(plain.response.headers['content-length']).toBe(String(text.length));
    await waitFor(() => service.logs.filter(({ path }) => path === '/orders').length === 23, { what: 'the lines' });
    const lines = service.logs.filter(({ msg }) => msg === 'request');
    expect(lines.filter(({ aborted, level }) => aborted === true || level !== 'info')).toEqual([]);
  });

  test('compresses pages and problems, and leaves alone what is small or has no body', async () => {
    await using service = await serve([compression({ threshold: 200 })]);
    const page = await ask(`${service.url}/docs/swagger-ui.css`, gzip);
    expect(page.response.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(page.body).toString()).toContain('.swagger-ui');
    const head = await ask(`${service.url}/openapi.json`, gzip, 'HEAD');
    expect([head.response.statusCode, head.body.length]).toEqual([200, 0]);
    const small = await ask(`${service.url}/orders`, gzip);
    expect([small.response.headers['content-encoding'], small.body.toString()]).toEqual([undefined, '{"items":[]}']);
    const none = await ask(`${service.url}/orders`, gzip, 'OPTIONS');
    expect([none.response.statusCode, none.body.length]).toEqual([204, 0]);
  });
});

describe('express-rate-limit', () => {
  const limits = { windowMs: 60_000, limit: 2, standardHeaders: 'draft-8', legacyHeaders: false } as const;
  const behindProxy = { REST_TRUSTED_PROXIES: 'loopback' };

  test('answers 429 as it does, for each client by itself behind a trusted proxy', async () => {
    const complaints = vi.spyOn(console, 'error').mockReturnValue();
    await using service = await serve([rateLimit(limits)], behindProxy);
    const from = (address: string) => ask(`${service.url}/orders`, { 'x-forwarded-for': address });
    const statuses: (number | undefined)[] = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await from('203.0.113.9')).response.statusCode);
    expect(statuses).toEqual([200, 200, 429]);
    const { response, body } = await from('1.2.3.4, 203.0.113.9');
    expect(response.statusCode).toBe(429);
    expect(body.toString()).toBe('Too many requests, please try again later.');
    expect(response.headers).toMatchObject({
      'ratelimit-policy': expect.stringContaining('q=2; w=60'),
      'retry-after': expect.stringMatching(/^\d+$/),
      'x-request-id': expect.any(String),
    });
    const other = await from('203.0.113.10');
    expect(other.response.statusCode).toBe(200);
    expect(other.response.headers.ratelimit).toContain('r=1');
    expect(complaints).not.toHaveBeenCalled();
    const refused = service.logs.filter(({ status }) => status === 429);
    expect(refused).toMatchObject([{ msg: 'request', path: '/orders' }, { msg: 'request' }]);
  });

  test('refuses with a problem document where it passes its refusal on', async () => {
    const refusal = Object.assign(new Error('Slow down'), { status: 429, expose: true });
    const handler = (_request: unknown, _response: unknown, next: (error: unknown) => void) => next(refusal);
    await using service = await serve([rateLimit({ ...limits, limit: 1, handler })]);
    await fetch(`${service.url}/orders`);
    const response = await fetch(`${service.url}/orders`);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(response.headers.get('ratelimit')).toContain('r=0');
    expect(await response.json()).toMatchObject({ status: 429, code: 'resource_exhausted', detail: 'Slow down' });
  });

  test('does not believe who says that it stands for others when no proxy is trusted', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    await using service = await serve([rateLimit(limits)]);
    const statuses: (number | undefined)[] = [];
    for (let count = 0; count < 3; count += 1) {
      const headers = { 'x-forwarded-for': `203.0.113.${count}` };
      statuses.push((await ask(`${service.url}/orders`, headers)).response.statusCode);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });
});

test('cookie-parser and express-session keep a session over operations', async () => {
  await using service = await serve([
    cookieParser(),
    session({ secret: 'not a secret', resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } }),
    (request, response, next) => {
      const kept = request.session as session.Session & { visits?: number };
      kept.visits = (kept.visits ?? 0) + 1;
      response.cookie('visits', String(kept.visits), { httpOnly: true });
      response.set('x-cookies', Object.keys(request.cookies as object).join());
      next();
    },
  ]);
  const first = await post(`${service.url}/orders`, exampleNewOrder);
  const cookies = first.headers.getSetCookie();
  expect([first.status, ...cookies]).toEqual([
    201,
    expect.stringMatching(/^visits=1;/),
    expect.stringMatching(/^connect\.sid=/),
  ]);
  const cookie = cookies.map((each) => each.split(';')[0]).join('; ');
  const second = await fetch(`${service.url}/orders`, { headers: { cookie } });
  expect(second.headers.getSetCookie()).toEqual([expect.stringMatching(/^visits=2;/)]);
  expect(second.headers.get('x-cookies')).toBe('visits,connect.sid');
  expect(((await second.json()) as { items: Order[] }).items).toEqual([await first.json()]);
});

test('a middleware that looks at the answer when it is out sees what was answered', async () => {
  const seen: unknown[] = [];
  await using service = await serve(
    [
      (request, response, next) => {
        response.locals.ip = request.ip;
        response.on('finish', () => {
          const length = Number(response.getHeader('content-length'));
          seen.push([request.method, request.originalUrl, response.statusCode, length, response.locals.ip]);
        });
        next();
      },
    ],
    { REST_TRUSTED_PROXIES: 'loopback' },
  );
  const { body } = await ask(`${service.url}/orders?limit=1`, { 'x-forwarded-for': '203.0.113.9' });
  await waitFor(() => seen.length === 1, { what: 'the end of the answer' });
  expect(seen).toEqual([['GET', '/orders?limit=1', 200, body.length, '203.0.113.9']]);
});

test('a middleware that fails later is answered with a problem', async () => {
  await using service = await serve([
    async () => {
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error('hunter2');
    },
  ]);
  const response = await fetch(`${service.url}/orders`);
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('hunter2');
  await waitFor(() => service.logs.some(({ level }) => level === 'error'), { what: 'the line' });
  expect(service.logs.filter(({ level }) => level === 'error')).toHaveLength(1);
});

test('a middleware may be for one path alone', async () => {
  const limit = rateLimit({ windowMs: 60_000, limit: 1 });
  await using service = await serve([
    (request, response, next) => void (request.path === '/orders' ? limit(request, response, next) : next()),
  ]);
  const statuses: number[] = [];
  for (const path of ['/orders', '/orders', '/openapi.json', '/orders?limit=1']) {
    statuses.push((await fetch(`${service.url}${path}`)).status);
  }
  expect(statuses).toEqual([200, 429, 200, 429]);
});

test('they work together, and with what the service itself sets', async () => {
  const origin = 'https://app.example.com';
  await using service = await serve(
    [
      helmet({ referrerPolicy: { policy: 'origin' } }),
      compression({ threshold: 0 }),
      rateLimit({ windowMs: 60_000, limit: 100 }),
      (_request, response, next) => {
        response.vary('x-tenant').cookie('seen', '1').removeHeader('x-frame-options');
        next();
      },
    ],
    { REST_TRUSTED_PROXIES: 'loopback', REST_CORS_ORIGINS: origin, REST_COMPRESSION: 'true' },
  );
  await post(`${service.url}/orders`, exampleNewOrder);
  for (const [path, status] of [
    ['/orders', 200],
    ['/nowhere', 404],
    ['/docs/', 200],
  ] as const) {
    const { response, body } = await ask(`${service.url}${path}`, { origin, 'accept-encoding': 'gzip' });
    expect(response.statusCode).toBe(status);
    expect(response.headers).toMatchObject({
      'content-encoding': 'gzip',
      'x-ratelimit-remaining': expect.any(String),
      'x-dns-prefetch-control': 'off',
      'x-request-id': expect.any(String),
      'access-control-allow-origin': origin,
      'set-cookie': ['seen=1; Path=/'],
    });
    expect(response.headers.vary?.toLowerCase().split(', ').sort()).toEqual(['accept-encoding', 'origin', 'x-tenant']);
    expect(response.headers).not.toHaveProperty('x-frame-options');
    expect(response.headers['referrer-policy']).toBe(path === '/docs/' ? 'no-referrer' : 'origin');
    expect(gunzipSync(body).length).toBeGreaterThan(0);
  }
});

test('what a handler and the service say adds to what middleware said', async () => {
  const origin = 'https://app.example.com';
  await using service = await serve(
    [
      (_request, response, next) => {
        response.vary('x-tenant').cookie('seen', '1');
        next();
      },
    ],
    { REST_CORS_ORIGINS: origin, REST_COMPRESSION: 'true' },
  );
  for (let count = 0; count < 20; count += 1) await post(`${service.url}/orders`, exampleNewOrder);
  const { response, body } = await ask(`${service.url}/orders`, { origin, 'accept-encoding': 'gzip' });
  expect(response.headers['content-encoding']).toBe('gzip');
  expect((JSON.parse(gunzipSync(body).toString()) as { items: Order[] }).items).toHaveLength(20);
  expect(response.headers.vary?.split(', ').sort()).toEqual(['accept-encoding', 'origin', 'x-tenant']);
  expect(response.headers['set-cookie']).toEqual(['seen=1; Path=/']);
});
