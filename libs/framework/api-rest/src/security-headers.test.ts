import { defineOperation } from '@org/contract';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { json, serve } from '../test-fixtures/serve.ts';
import { implement, type Page } from './index.ts';
import { createSecurityHeaders } from './security-headers.ts';

const pairs = (flat: readonly string[]) =>
  Object.fromEntries(flat.flatMap((text, index) => (index % 2 === 0 ? [[text, flat[index + 1]]] : [])));

const postThing = defineOperation({
  id: 'postThing',
  method: 'POST',
  path: '/things',
  summary: 'Post a thing',
  body: z.object({ id: z.string() }),
  success: { status: 200, description: 'The thing', body: z.object({ id: z.string() }) },
});
const routes = [implement(postThing, ({ body }) => body)];
const page: Page = {
  path: '/docs',
  title: 'Docs',
  handler: () => (_request, response) => {
    response.set('Content-Security-Policy', "default-src 'self'").removeHeader('referrer-policy');
    response.send('<p>hi');
  },
};

describe('over HTTP', () => {
  const usual = {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };

  test.each<[string, string, RequestInit, number]>([
    ['a success', '/things', json({ id: 'a' }), 200],
    ['what does not fit', '/things', json({ id: 1 }), 400],
    ['what is not there', '/nowhere', {}, 404],
    ['another method', '/things', { method: 'DELETE' }, 405],
    ['what is asked of a path', '/things', { method: 'OPTIONS' }, 204],
    ['the way to a page', '/docs', { redirect: 'manual' }, 302],
  ])('%s has them', async (_, path, init, status) => {
    await using server = await serve(routes, { pages: [page] });
    const response = await fetch(`${server.url}${path}`, init);
    expect([response.status, Object.fromEntries(response.headers)]).toEqual([status, expect.objectContaining(usual)]);
  });

  test('a page has the last word', async () => {
    await using server = await serve(routes, { pages: [page] });
    const { status, headers } = await fetch(`${server.url}/docs/`);
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toBe("default-src 'self'");
    expect(headers.has('referrer-policy')).toBe(false);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('a service may have its own', async () => {
    await using server = await serve(routes, {
      securityHeaders: { 'X-Frame-Options': false, 'permissions-policy': 'usb=()' },
    });
    const { headers } = await fetch(`${server.url}/things`, json({ id: 'a' }));
    expect([headers.has('x-frame-options'), headers.get('permissions-policy')]).toEqual([false, 'usb=()']);
    await using bare = await serve(routes, { securityHeaders: false });
    const names = [...(await fetch(`${bare.url}/things`, json({ id: 'a' }))).headers.keys()];
    expect(names.filter((name) => name in usual)).toEqual([]);
  });
});

test('a header may have another value, be left out, or come besides', () => {
  const headers = createSecurityHeaders({
    'X-Frame-Options': 'SAMEORIGIN',
    'strict-transport-security': false,
    'permissions-policy': 'camera=()',
  });
  expect(pairs(headers)).toMatchObject({ 'x-frame-options': 'SAMEORIGIN', 'permissions-policy': 'camera=()' });
  expect(pairs(headers)).not.toHaveProperty('strict-transport-security');
  expect(headers).toHaveLength(createSecurityHeaders().length);
});

test('all may be left out', () => {
  expect(createSecurityHeaders(false)).toEqual([]);
});

test.each<[Record<string, string | false>, string]>([
  [{ 'content-type': 'text/html' }, 'got `content-type`'],
  [{ 'X-Request-Id': 'abc' }, 'got `X-Request-Id`'],
  [{ vary: 'origin' }, 'got `vary`'],
  [{ 'access-control-allow-origin': '*' }, 'got `access-control-allow-origin`'],
  [{ 'set-cookie': 'a=b' }, 'got `set-cookie`'],
  [{ 'referrer policy': 'no-referrer' }, '"referrer policy"'],
  [{ '': 'x' }, '""'],
  [{ 'referrer-policy': 'a\r\nset-cookie: b' }, '"referrer-policy"'],
  [{ 'referrer-policy': '\u2028' }, '"referrer-policy"'],
  [{ 'Referrer-Policy': 'no-referrer', 'referrer-policy': 'origin' }, 'two spellings'],
])('%j is refused', (overrides, message) => {
  expect(() => createSecurityHeaders(overrides)).toThrow(TypeError);
  expect(() => createSecurityHeaders(overrides)).toThrow(message);
});
