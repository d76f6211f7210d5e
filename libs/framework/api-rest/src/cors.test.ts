import { defineOperation } from '@org/contract';
import { ServiceError } from '@org/errors';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { serve } from '../test-fixtures/serve.ts';
import { createCors, type CorsOptions } from './cors.ts';
import { implement } from './index.ts';

/** Headers by name; those of a name that comes twice are put together, as a client does. */
function headersOf(flat: readonly string[]): Record<string, string> {
  const headers = new Headers();
  for (let index = 0; index < flat.length; index += 2) headers.append(flat[index]!, flat[index + 1]!);
  return Object.fromEntries(headers);
}

const app = 'https://app.example.com';
const cors = createCors({ origins: [app, 'http://localhost:5173', 'https://*.example.org', 'capacitor://localhost'] });

describe('an answer', () => {
  test.each([
    app,
    'http://localhost:5173',
    'capacitor://localhost',
    'https://a.example.org',
    'https://a.b-1.example.org',
    'https://xn--mnchen-3ya.example.org',
  ])('may be read by pages of %s, and by them alone', (origin) => {
    const headers = headersOf(cors.headersFor(origin));
    expect(headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'origin' });
    expect(headers['access-control-expose-headers']).toContain('x-request-id');
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });

  test.each([
    'null',
    '',
    '*',
    'https://app.example.com.evil.test',
    'https://evil.test/https://app.example.com',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://app.example.com/',
    'HTTPS://APP.EXAMPLE.COM',
    `${app}, https://evil.test`,
    'https://example.org',
    'https://.example.org',
    'https://evil-example.org',
    'https://a..example.org',
    'https://user@a.example.org',
    'https://evil.test/.example.org',
    'https://evil.test:80.example.org',
    'https://evil.test#.example.org',
    'https://evil.test\\.example.org',
    'http://a.example.org',
    'https://a.example.org:8443',
    `https://${'a.'.repeat(10_000)}example.org`,
    'https://*.example.org',
    '__proto__',
  ])('is kept from %j, and caches are told that it depends on the origin', (origin) => {
    expect(cors.headersFor(origin)).toEqual(['vary', 'origin']);
  });

  test('to a request without an origin depends on it all the same, since caches may give it to one with', () => {
    expect(cors.headersFor(undefined)).toEqual(['vary', 'origin']);
  });

  test('that everybody may read is the same for everybody', () => {
    const open = createCors({ origins: ['*'] });
    for (const origin of [undefined, 'null', app, 'https://evil.test']) {
      expect(headersOf(open.headersFor(origin))).toMatchObject({ 'access-control-allow-origin': '*' });
      expect(headersOf(open.headersFor(origin))).not.toHaveProperty('vary');
    }
  });

  test('may be read by pages that send cookies, where that is allowed', () => {
    const headers = headersOf(createCors({ origins: [app], credentials: true }).headersFor(app));
    expect(headers).toMatchObject({ 'access-control-allow-origin': app, 'access-control-allow-credentials': 'true' });
  });

  test('may have more headers to read', () => {
    const { headersFor } = createCors({ origins: [app], responseHeaders: ['X-Total', 'etag'] });
    const exposed = headersOf(headersFor(app))['access-control-expose-headers']!.split(', ');
    expect(exposed).toEqual([...new Set(exposed)]);
    expect(exposed).toEqual(expect.arrayContaining(['x-total', 'etag', 'retry-after', 'location']));
  });
});

describe('a preflight', () => {
  const ask = (origin: string | undefined, method: string | undefined = 'PUT') => ({
    ...(origin !== undefined && { origin }),
    'access-control-request-method': method,
  });

  test('says which methods the path has, which headers it takes, and for how long that holds', () => {
    const { preflightFor } = createCors({ origins: [app], requestHeaders: ['X-Tenant'] });
    const headers = headersOf(preflightFor(ask(app), ['GET', 'HEAD', 'PUT']));
    expect(headers).toEqual({
      'access-control-allow-methods': 'GET, HEAD, PUT',
      'access-control-allow-headers': expect.stringMatching(
        /authorization.*content-type.*idempotency-key.*traceparent.*x-tenant/,
      ) as string,
      'access-control-max-age': '600',
    });
  });

  test('may be remembered for another time', () => {
    const { preflightFor } = createCors({ origins: ['*'], maxAgeSeconds: 0 });
    expect(headersOf(preflightFor(ask(app), ['GET']))).toMatchObject({ 'access-control-max-age': '0' });
  });

  test.each([
    ['of another origin', ask('https://evil.test'), ['PUT']],
    ['of the origin null', ask('null'), ['PUT']],
    ['without an origin', ask(undefined), ['PUT']],
    ['without a method, which is none', { origin: app }, ['PUT']],
    ['for a path where nothing is', ask(app), []],
  ])('%s is told nothing', (_, headers, methods) => {
    expect(cors.preflightFor(headers, methods)).toEqual([]);
  });
});

test.each<[CorsOptions, string]>([
  [{ origins: [] }, 'got none'],
  [{ origins: ['null'] }, 'any page can have the origin `null`'],
  [{ origins: [''] }, 'none of these'],
  [{ origins: ['app.example.com'] }, 'none of these'],
  [{ origins: ['app.example.com:443'] }, 'none of these'],
  [{ origins: ['https:app.example.com'] }, 'none of these'],
  [{ origins: ['https://'] }, 'none of these'],
  [{ origins: ['file:///'] }, 'none of these'],
  [{ origins: ['https://app.example.com/'] }, 'browsers send `https://app.example.com`'],
  [{ origins: ['https://app.example.com/path'] }, 'browsers send `https://app.example.com`'],
  [{ origins: ['https://app.example.com:443'] }, 'browsers send `https://app.example.com`'],
  [{ origins: ['HTTPS://App.Example.com'] }, 'browsers send `https://app.example.com`'],
  [{ origins: ['https://münchen.example'] }, 'browsers send `https://xn--mnchen-3ya.example`'],
  [{ origins: ['https://user:hunter2@app.example.com'] }, 'browsers send `https://app.example.com`'],
  [{ origins: ['capacitor://localhost/'] }, 'browsers send `capacitor://localhost`'],
  [{ origins: ['*.example.com'] }, 'after `https://`'],
  [{ origins: ['http://*.example.com'] }, 'after `https://`'],
  [{ origins: ['https://app.*.com'] }, 'after `https://`'],
  [{ origins: ['https://app-*.example.com'] }, 'after `https://`'],
  [{ origins: ['https://*.*.example.com'] }, 'after `https://`'],
  [{ origins: ['https://*.com'] }, 'at least two parts'],
  [{ origins: ['https://*.example.com/'] }, 'browsers send `https://*.example.com`'],
  [{ origins: ['https://*.EXAMPLE.com'] }, 'browsers send `https://*.example.com`'],
  [{ origins: ['*', app] }, '`*` to stand alone'],
  [{ origins: ['*'], credentials: true }, 'to be named, got `*`'],
  [{ origins: [app], requestHeaders: ['x y'] }, '`requestHeaders` to be names of headers, got "x y"'],
  [{ origins: [app], responseHeaders: ['a\r\nb'] }, '`responseHeaders` to be names of headers'],
])('%j is refused', (options, message) => {
  expect(() => createCors(options)).toThrow(TypeError);
  expect(() => createCors(options)).toThrow(message);
});

test.each([-1, 1.5, 86_401, Number.NaN])('%d seconds are refused', (maxAgeSeconds) => {
  expect(() => createCors({ origins: [app], maxAgeSeconds })).toThrow(RangeError);
});

describe('over HTTP', () => {
  const thing = (method: 'GET' | 'PUT', id: string) =>
    defineOperation({
      id,
      method,
      path: '/things/:id',
      summary: id,
      headers: z.object({ 'x-tenant': z.string().optional() }),
      success: { status: 200, description: 'The thing', body: z.object({ id: z.string() }) },
    });
  const routes = [
    implement(thing('GET', 'getThing'), ({ params }) => params),
    implement(thing('PUT', 'putThing'), () => {
      throw new ServiceError('not_found', 'No such thing');
    }),
  ];
  const settings = { corsOrigins: [app], corsCredentials: true };

  test('a preflight learns what the path takes', async () => {
    await using server = await serve(routes, { settings });
    const headers = {
      origin: app,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'x-tenant',
    };
    const response = await fetch(`${server.url}/things/7`, { method: 'OPTIONS', headers });
    expect([response.status, Object.fromEntries(response.headers)]).toEqual([
      204,
      expect.objectContaining({
        allow: 'GET, HEAD, PUT, OPTIONS',
        'access-control-allow-origin': app,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'GET, HEAD, PUT',
        'access-control-allow-headers': expect.stringContaining('x-tenant'),
        vary: 'origin',
      }),
    ]);
  });

  test.each<[string, string, string, number]>([
    ['GET', '/things/7', 'a success', 200],
    ['HEAD', '/things/7', 'a success without a body', 200],
    ['PUT', '/things/7', 'an error', 404],
    ['DELETE', '/things/7', 'a refusal', 405],
    ['GET', '/nowhere', 'what is not there', 404],
    ['OPTIONS', '/nowhere', 'a preflight of what is not there', 404],
  ])('%s %s: %s may be read by the allowed origin alone', async (method, path, _, status) => {
    await using server = await serve(routes, { settings });
    for (const origin of [app, 'https://evil.test']) {
      const headers = { origin, 'access-control-request-method': 'GET' };
      const response = await fetch(`${server.url}${path}`, { method, headers });
      expect(response.status).toBe(status);
      expect(response.headers.get('access-control-allow-origin')).toBe(origin === app ? app : null);
      expect(response.headers.get('vary')).toBe('origin');
    }
  });

  test('nothing is said where no origin is set', async () => {
    await using server = await serve(routes);
    const headers = { origin: app, 'access-control-request-method': 'GET' };
    for (const method of ['GET', 'OPTIONS']) {
      const names = [...(await fetch(`${server.url}/things/7`, { method, headers })).headers.keys()];
      expect(names.filter((name) => name === 'vary' || name.startsWith('access-control'))).toEqual([]);
    }
  });
});
