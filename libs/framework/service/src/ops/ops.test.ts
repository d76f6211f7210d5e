import { defineSettings, secret, variable } from '@org/config';
import { defineContract } from '@org/contract';
import type { OpsHandler, Resource } from '@org/runtime';
import { rawRequest, waitFor } from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defineService } from '../define-service.ts';
import { startService, type StartedService } from '../testing/index.ts';

const contract = defineContract({ name: 'greeter', version: '1.0.0', title: 'Greeter', operations: [] });
const handlers: OpsHandler[] = [
  { method: 'GET', path: '/tables/:name', summary: 'A table.', handle: ({ parameters }) => ({ body: parameters }) },
  { method: 'GET', path: '/open', summary: 'For all.', access: 'public', handle: () => ({ body: 'open to all' }) },
  {
    method: 'POST',
    path: '/echo',
    summary: 'Says what it was told.',
    handle: ({ body, query }) => ({
      status: 202,
      headers: { 'x-said': 'yes' },
      body: { body, again: query.get('again') },
    }),
  },
  {
    method: 'DELETE',
    path: '/broken',
    summary: 'Fails.',
    handle: () => {
      throw new Error('hunter2 is wrong');
    },
  },
  { method: 'GET', path: '/unprintable', summary: 'Gives what is no JSON.', handle: () => ({ body: 1n }) },
  { method: 'DELETE', path: '/tables/:name', summary: 'Does nothing.', handle: () => ({ status: 204 }) },
];
const secrets = { PASSWORD: 'hunter2-a', REFERENCE: 'env:ELSEWHERE', ELSEWHERE: 'hunter2-b' };
const state = { broken: false };
const service = defineService({
  name: 'greeter',
  contract,
  config: {
    secrets: defineSettings({
      password: variable('PASSWORD', secret(), { description: 'A secret.' }),
      reference: variable('REFERENCE', secret(), { description: 'A secret from elsewhere.' }),
    }),
  },
  async start({ start }) {
    const part = (more: Partial<Resource>) => ({ ...more, [Symbol.asyncDispose]: async () => {} });
    await start('database', ({ logger }) => {
      logger.info('opened');
      const check = async () => {
        if (state.broken) throw new Error('postgres://u:hunter2@db is gone');
      };
      return part({ kind: 'datastore', ops: handlers, check });
    });
    await start('cache', () => part({ critical: false, check: async () => {} }));
  },
});

describe('the ops port', () => {
  let running: StartedService;
  beforeAll(async () => {
    const environment = { SERVICE_VERSION: '1.2.3', SERVICE_COMMIT: 'abc', HEALTH_CACHE: '0s' };
    running = await startService(service, { environment: { ...environment, ...secrets } });
  });
  afterAll(() => running.stop('the tests are over'));
  const ask = (path: string, init?: RequestInit) => fetch(`${running.opsUrl}${path}`, init);
  const put = (body: string, type = 'application/json') =>
    ask('/loglevel', { method: 'PUT', body, headers: { 'content-type': type } });

  test.each(['/livez', '/readyz', '/startupz', '/metrics', '/info'])('answers at %s', async (path) => {
    const answer = await ask(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect((await answer.text()).length).toBeGreaterThan(1);
  });

  test('reports each check, and one alone', async () => {
    const report = (await (await ask('/readyz')).json()) as { checks: object };
    expect(report).toMatchObject({ status: 'ok', checks: { database: { status: 'ok', kind: 'datastore' } } });
    expect(Object.keys(report.checks)).toEqual(['database', 'cache']);
    expect(await (await ask('/readyz/cache')).json()).toMatchObject({ status: 'ok' });
    const unknown = await ask('/readyz/toString');
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({
      reason: 'CHECK_UNKNOWN',
      detail: expect.stringContaining('database, cache'),
    });
  });

  test('is not ready while a check fails, says so without secrets, and lists the changes', async () => {
    state.broken = true;
    await waitFor(async () => (await ask('/readyz')).status === 503, { what: 'a failed readiness' });
    const answer = await ask('/readyz');
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ status: 'failed', checks: { database: { status: 'failed' } } });
    expect(text).not.toContain('hunter2');
    expect((await ask('/readyz/database')).status).toBe(503);
    expect((await ask('/readyz/cache')).status).toBe(200);
    expect((await ask('/livez')).status).toBe(200);
    const changes = (await (await ask('/health/changes')).json()) as unknown[];
    expect(changes[0]).toMatchObject({ check: 'database', to: 'failed' });
    state.broken = false;
    await waitFor(async () => (await ask('/readyz')).status === 200, { what: 'the service to be ready again' });
  });

  test('exposes metrics of the process and of health, and no command line', async () => {
    const answer = await ask('/metrics');
    const text = await answer.text();
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toMatch(/^process_/m);
    expect(text).toMatch(/^service_health_check_status\{.*check_name="database".*\} 1$/m);
    expect(text).toMatch(/^target_info\{.*service_name="greeter".*\} 1$/m);
    expect(text).not.toMatch(/process_command|process_owner|process_executable/);
  });

  test('says which build this is', async () => {
    const info = await (await ask('/info')).json();
    expect(info).toEqual({ name: 'greeter', version: '1.2.3', commit: 'abc', node: process.versions.node });
  });

  test('gives and sets the level of all logs', async () => {
    expect(await (await ask('/loglevel')).json()).toMatchObject({ level: 'info' });
    expect(await (await put('{"level":"warn"}')).json()).toMatchObject({ level: 'warn' });
    expect(await (await put('{"level":"info"}')).json()).toMatchObject({ level: 'info' });
    expect(running.logs).toContainEqual(expect.objectContaining({ msg: 'The log level was set', of: 'all' }));
  });

  test('sets a level for a time, after which it is what it was', async () => {
    const answer = await put('{"level":"trace","logger":"cache","for":"1s"}');
    expect(await answer.json()).toMatchObject({ level: 'info', loggers: { cache: 'trace' } });
    expect(running.logs).toContainEqual(expect.objectContaining({ msg: 'The log level was set', forMs: 1_000 }));
    const levelNow = async () => {
      const { loggers } = (await (await ask('/loglevel')).json()) as { loggers: Record<string, string> };
      return loggers.cache;
    };
    await waitFor(async () => (await levelNow()) === 'info', { what: 'the level before' });
  });

  test('lets no page of another origin set a level', async () => {
    const body = '{"level":"trace"}';
    const port = Number(new URL(running.opsUrl).port);
    const answer = await rawRequest(
      port,
      `PUT /loglevel HTTP/1.1\r\nhost: localhost:${port}\r\norigin: http://evil.example\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    );
    expect(answer.text).toMatch(/^HTTP\/1.1 403 [^]*OPS_CROSS_ORIGIN/);
    expect(await (await ask('/loglevel')).json()).toMatchObject({ level: 'info' });
  });

  test('shows the configuration in force, what it is for, and no secret', async () => {
    const rows = (await (await ask('/config')).json()) as { variable: string }[];
    const row = (name: string) => rows.find(({ variable }) => variable === name);
    expect(row('SERVICE_VERSION')).toEqual({
      fragment: 'service',
      variable: 'SERVICE_VERSION',
      value: '1.2.3',
      source: 'environment',
      description: 'The version of the build; the image sets it.',
    });
    expect(row('SHUTDOWN_TIMEOUT')).toMatchObject({ value: '25s', source: 'default' });
    expect(row('PASSWORD')).toMatchObject({ value: '[secret]' });
    expect(row('REFERENCE')).toMatchObject({ value: 'env:ELSEWHERE' });
    expect(JSON.stringify(rows)).not.toContain('hunter2');
  });

  test('names the packages that it consists of', async () => {
    const answer = (await (await ask('/dependencies')).json()) as { source: string; packages: object[] };
    expect(answer.source).toBe('installation');
    expect(answer.packages).toBeInstanceOf(Array);
  });

  test('sets the level of one logger', async () => {
    const answer = await put('{"level":"debug","logger":"database"}');
    expect(await answer.json()).toMatchObject({ level: 'info', loggers: { database: 'debug' } });
    const unknown = await put('{"level":"debug","logger":"nobody"}');
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { reason: 'LOGGER_UNKNOWN' }]);
  });

  test.each([
    '',
    '{}',
    '[]',
    'null',
    '1',
    '{"level":"loud"}',
    '{"level":1}',
    '{"level":"debug","logger":1}',
    '{"level":"debug","for":1}',
    '{"level":"debug","for":""}',
    '{"level":"debug","for":"0s"}',
    '{"level":"debug","for":"25h"}',
    '{"level":"debug","for":null}',
    '{',
    '"debug"',
  ])('refuses %j as a level', async (body) => {
    const answer = await put(body);
    expect([answer.status, await answer.json()]).toMatchObject([400, { reason: 'OPS_BODY_INVALID' }]);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])(
    'refuses a body that is %s',
    async (type) => {
      const answer = await put('{"level":"debug"}', type);
      expect([answer.status, await answer.json()]).toMatchObject([400, { reason: 'OPS_BODY_INVALID' }]);
    },
  );

  test('refuses a body that is too long, and says so', async () => {
    const answer = await put(JSON.stringify({ level: 'x'.repeat(1_000_000) }));
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { detail: 'The body is longer than 65536 bytes' },
    ]);
    expect((await ask('/livez')).status).toBe(200);
  });

  test('lists what it has', async () => {
    const list = (await (await ask('/')).json()) as { method: string; path: string; summary: string }[];
    expect(list).toContainEqual({ method: 'GET', path: '/tables/:name', summary: 'A table.', access: 'operator' });
    expect(list.map(({ method, path }) => `${method} ${path}`)).toEqual(
      expect.arrayContaining([
        'GET /',
        'GET /livez',
        'GET /loglevel',
        'PUT /loglevel',
        'GET /readyz/:check',
        'GET /config',
        'GET /dependencies',
        'POST /profile/cpu',
        'POST /profile/heap',
        'POST /echo',
      ]),
    );
  });

  test('passes parameters, query and body to the handlers of resources', async () => {
    expect(await (await ask('/tables/a%2Fb%20c')).json()).toEqual({ name: 'a/b c' });
    expect(await (await ask('/tables/%E0%A4%A')).json()).toEqual({ name: '%E0%A4%A' });
    const init = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } };
    const answer = await ask('/echo?again=b', init);
    expect([answer.status, answer.headers.get('x-said')]).toEqual([202, 'yes']);
    expect(await answer.json()).toEqual({ body: { a: 1 }, again: 'b' });
    const text = await ask('/open');
    expect([text.headers.get('content-type'), await text.text()]).toEqual(['text/plain; charset=utf-8', 'open to all']);
    expect((await ask('/tables/orders', { method: 'DELETE' })).status).toBe(204);
  });

  test.each([
    ['/broken', 'DELETE'],
    ['/unprintable', 'GET'],
  ])('says nothing of what went wrong inside %s, and logs it', async (path, method) => {
    const answer = await ask(path, { method });
    const text = await answer.text();
    expect(answer.status).toBe(500);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(JSON.parse(text)).toEqual({ type: 'about:blank', status: 500, code: 'internal' });
    const lines = running.logs.filter((line) => line.path === path);
    expect(lines).toMatchObject([{ level: 'error', logger: 'ops', err: {} }]);
  });

  test('answers HEAD without a body', async () => {
    const answer = await ask('/livez', { method: 'HEAD' });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });

  test.each(['/nothing', '/readyz/a/b', '//', '/%', '/livez/'])('has nothing at %s', async (path) => {
    const answer = await ask(path);
    expect([answer.status, await answer.json()]).toMatchObject([
      404,
      { code: 'not_found', reason: 'OPS_PATH_UNKNOWN' },
    ]);
  });

  test.each([
    ['POST', '/livez', 'GET, HEAD'],
    ['OPTIONS', '/loglevel', 'GET, HEAD, PUT'],
    ['PATCH', '/tables/x', 'GET, HEAD, DELETE'],
  ])('refuses %s at %s, and names the methods that it has', async (method, path, allow) => {
    const answer = await ask(path, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
    expect(await answer.json()).toMatchObject({ reason: 'OPS_METHOD_NOT_ALLOWED' });
  });

  test('answers to loopback only, and to no name of elsewhere', async () => {
    const port = Number(new URL(running.opsUrl).port);
    const raw = async (path: string, host: string) =>
      (await rawRequest(port, `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)).text;
    expect(await raw('/loglevel', '127.0.0.1')).toMatch(/^HTTP\/1.1 200 /);
    expect(await raw('/loglevel', 'evil.example')).toMatch(/^HTTP\/1.1 403 [^]*OPS_LOOPBACK_ONLY/);
    expect(await raw('/tables/orders', 'evil.example')).toMatch(/^HTTP\/1.1 403 /);
    expect(await raw('/readyz', 'evil.example')).toMatch(/^HTTP\/1.1 200 /);
    expect(await raw('/open', 'evil.example')).toMatch(/^HTTP\/1.1 200 /);
    expect(await raw('http://[', 'localhost')).toMatch(/^HTTP\/1.1 40[04] /);
  });
});

test('OPS_TOKEN opens what is not public, and is shown nowhere', async () => {
  await using running = await startService(service, { environment: { OPS_TOKEN: 'hunter2-ops', ...secrets } });
  const ask = (path: string, authorization?: string) =>
    fetch(`${running.opsUrl}${path}`, { headers: authorization ? { authorization } : {} });
  expect((await ask('/readyz')).status).toBe(200);
  expect((await ask('/loglevel', 'Bearer hunter2-ops')).status).toBe(200);
  const answers = [await ask('/loglevel'), await ask('/loglevel', 'Bearer wrong'), await ask('/', 'Basic hunter2-ops')];
  for (const answer of answers) {
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await answer.json()).toMatchObject({ code: 'unauthenticated', reason: 'OPS_TOKEN_REQUIRED' });
  }
  const { service: _, ...settings } = running.settings as Record<string, unknown>;
  const config = await (await ask('/config', 'Bearer hunter2-ops')).text();
  expect(config).toContain('"variable":"OPS_TOKEN","value":"[secret]"');
  expect(JSON.stringify([running.logs, settings, running.links, config])).not.toContain('hunter2');
});

test('two resources cannot have one endpoint', async () => {
  const part = () => ({ ops: handlers.slice(0, 1), [Symbol.asyncDispose]: async () => {} });
  const twice = defineService({
    name: 'twice',
    contract,
    config: {},
    async start({ start }) {
      await start('first', part);
      await start('second', part);
    },
  });
  await expect(startService(twice)).rejects.toThrow('got `GET /tables/:name` again');
});
