import { defineContract, defineOperation, type SecurityRequirement } from '@org/contract';
import { ServiceError } from '@org/errors';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { json, problemOf, serve } from '../test-fixtures/serve.ts';
import { implement, type Authenticate, type Authentication } from './index.ts';

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  basic: { type: 'http', scheme: 'basic' },
  key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
} as const;

const identityOf = (subject: string, ...scopes: string[]) => ({ subject, scopes, claims: {} });

const bearer: Authenticate = ({ headers }) => {
  const [scheme, token] = headers.authorization?.split(' ') ?? [];
  if (scheme !== 'Bearer') return undefined;
  if (token === 'stale') throw new ServiceError('unauthenticated', 'The token is too old', { reason: 'TOKEN_EXPIRED' });
  if (token === 'down') throw new ServiceError('unavailable', 'The keys cannot be fetched');
  return token === 'writer' ? identityOf('w', 'read', 'write') : identityOf('r', 'read');
};
const key: Authenticate = async ({ headers }) => (headers['x-api-key'] === 'k' ? identityOf('robot') : undefined);
const basic: Authenticate = () => undefined;

/** A server with one operation that needs this. */
async function serveFor(
  security: readonly SecurityRequirement[] | undefined,
  authenticate: Authentication = { bearer, basic, key },
) {
  let called = 0;
  const write = defineOperation({
    id: 'write',
    method: 'POST',
    path: '/things',
    summary: 'Write',
    body: z.object({ name: z.string() }),
    success: { status: 200, description: 'Who did', body: z.object({ subject: z.string().optional() }) },
    ...(security && { security }),
  });
  const contract = defineContract({
    name: 'things',
    version: '1.0.0',
    title: 'Things',
    securitySchemes,
    security: [{ bearer: [] }],
    operations: [write],
  });
  const route = implement(write, (_, { identity }) => {
    called += 1;
    return { subject: identity?.subject };
  });
  const server = await serve([route], { contract, authenticate });
  return Object.assign(server, {
    called: () => called,
    send: (headers: Record<string, string> = {}, body: unknown = { name: 'a' }) =>
      fetch(`${server.url}/things`, json(body, headers)),
  });
}

const token = (value: string) => ({ authorization: `Bearer ${value}` });

describe('an operation behind a security scheme', () => {
  test('is called with the identity that the credentials stand for', async () => {
    await using server = await serveFor([{ bearer: ['write'] }]);
    expect(await (await server.send(token('writer'))).json()).toEqual({ subject: 'w' });
  });

  test('is not called without credentials, and the answer says which', async () => {
    await using server = await serveFor(undefined);
    const response = await server.send();
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await problemOf(response)).toMatchObject({
      status: 401,
      code: 'unauthenticated',
      reason: 'CREDENTIALS_MISSING',
    });
    expect(server.called()).toBe(0);
  });

  test('tells credentials that do not hold from none', async () => {
    await using server = await serveFor(undefined);
    const response = await server.send(token('stale'));
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    expect(await problemOf(response)).toMatchObject({
      status: 401,
      reason: 'TOKEN_EXPIRED',
      detail: 'The token is too old',
    });
  });

  test('answers 403 where a scope is missing', async () => {
    await using server = await serveFor([{ bearer: ['write'] }]);
    const response = await server.send(token('reader'));
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope", scope="write"');
    expect(await problemOf(response)).toMatchObject({
      status: 403,
      code: 'permission_denied',
      reason: 'SCOPE_MISSING',
      details: { scopes: ['write'] },
    });
  });

  test('passes on what keeps the check from being made', async () => {
    await using server = await serveFor(undefined);
    const response = await server.send(token('down'));
    expect(response.status).toBe(503);
    expect(response.headers.get('www-authenticate')).toBeNull();
  });

  test('refuses before it reads the body', async () => {
    await using server = await serveFor(undefined);
    expect((await server.send({}, '{')).status).toBe(401);
  });

  test('lets anybody pass where it says so', async () => {
    await using server = await serveFor([]);
    expect(await (await server.send()).json()).toEqual({});
  });
});

describe('alternatives', () => {
  const either: readonly SecurityRequirement[] = [{ bearer: ['write'] }, { key: [] }];

  test.each([
    ['the first', token('writer'), 'w'],
    ['the second', { 'x-api-key': 'k' }, 'robot'],
    ['the second, where the first lacks a scope', { ...token('reader'), 'x-api-key': 'k' }, 'robot'],
  ])('are met by %s', async (_, headers, subject) => {
    await using server = await serveFor(either);
    expect(await (await server.send(headers)).json()).toEqual({ subject });
  });

  test('are all named where none is met', async () => {
    await using server = await serveFor([...either, { basic: [] }]);
    const response = await server.send();
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer, ApiKey, Basic realm="things", charset="UTF-8"');
  });

  test('may be both at once', async () => {
    await using server = await serveFor([{ bearer: [], key: [] }]);
    expect((await server.send(token('writer'))).status).toBe(401);
    expect(await (await server.send({ ...token('writer'), 'x-api-key': 'k' })).json()).toEqual({ subject: 'w' });
  });

  test('may be nothing at all', async () => {
    await using server = await serveFor([{ bearer: [] }, {}]);
    expect(await (await server.send()).json()).toEqual({});
    expect(await (await server.send(token('writer'))).json()).toEqual({ subject: 'w' });
  });
});

describe('a contract with security schemes', () => {
  test('needs a check for each that it uses', async () => {
    await expect(serveFor([{ bearer: [], key: [] }], { bearer })).rejects.toThrow(
      'Expected `authenticate` to check the security schemes of things, got nothing for key',
    );
  });

  test('needs no other check', async () => {
    await expect(serveFor(undefined, { bearer, cookie: bearer })).rejects.toThrow(
      'got something for cookie, which the contract does not have',
    );
  });
});
