import { waitFor } from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openClients } from './support/clients.ts';
import { ask, chunk } from './support/requests.ts';
import { openTarget, type Target } from './support/target.ts';

const token = 'hunter2-of-the-ops-port';
const closing = 'Connection: close';

let target: Target;
let levels: string;
beforeAll(async () => {
  target = await openTarget();
  levels = (await toOps(local('/loglevel'))).text;
});
afterAll(() => target[Symbol.asyncDispose]());

/** Sends bytes to the ops port. What is refused is a problem document, which says nothing of what is inside. */
async function toOps(bytes: string | Uint8Array, to = target) {
  const answer = await to.one(bytes, to.opsPort);
  if (answer.status >= 400 && answer.text !== '') {
    expect(answer.text).not.toMatch(/\bat .+:\d+:\d+|node_modules|main\.js:/);
    expect(answer.text.length).toBeLessThan(32_768);
  }
  return answer;
}

const local = (target: string, lines: readonly string[] = [], method = 'GET') =>
  ask(target, [...lines, closing], method).replace('Host: x', 'Host: localhost');

const put = (body: string | Uint8Array, lines: readonly string[] = ['Content-Type: application/json']) => {
  const bytes = Buffer.from(body as string);
  return Buffer.concat([Buffer.from(local('/loglevel', [...lines, `Content-Length: ${bytes.length}`], 'PUT')), bytes]);
};

describe('a level', () => {
  test.each([
    ['no body', ''],
    ['half of one', '{"level":'],
    ['an unknown level', '{"level":"loud"}'],
    ['a level of prototypes', '{"level":"__proto__"}'],
    ['the level toString', '{"level":"toString"}'],
    ['a level that is a list', '{"level":["debug"]}'],
    ['a level that is null', '{"level":null}'],
    ['a level in __proto__', '{"__proto__":{"level":"debug"}}'],
    ['a level of a megabyte', `{"level":"${'d'.repeat(2 ** 20)}"}`],
    ['ten thousand brackets', '['.repeat(10_000)],
    ['bytes that are no UTF-8', Buffer.from('{"level":"\xff\xfe"}', 'latin1')],
    ['a logger that is a number', '{"level":"debug","logger":1}'],
    ['a list', '[{"level":"debug"}]'],
    ['spaces', ' '.repeat(1_000)],
  ])('of %s is refused', async (_, body) => {
    expect((await toOps(put(body))).status).toBe(400);
  });

  test.each(['__proto__', 'constructor', 'nobody', '', '\u001b[2J', 'x'.repeat(10_000)])(
    'of the logger %j is refused',
    async (logger) => {
      const { status } = await toOps(put(JSON.stringify({ level: 'debug', logger })));
      expect([400, 404]).toContain(status);
    },
  );

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])(
    'as %j is refused',
    async (type) => {
      expect((await toOps(put('{"level":"debug"}', [`Content-Type: ${type}`]))).status).toBe(400);
    },
  );

  test('of five hundred loggers leaves nothing behind', async () => {
    const bytes = Array.from({ length: 500 }, (_, index) =>
      put(`{"level":"debug","logger":"l${index}"}`).toString().replace(`${closing}\r\n`, ''),
    );
    const answers = await target.send(bytes.join('') + local('/loglevel'), target.opsPort);
    expect(answers).toHaveLength(501);
    expect(answers.at(-1)!.text).toBe(levels);
  });
});

describe('a path', () => {
  test.each([
    '/',
    '/nothing',
    '//',
    '/%',
    '/%00',
    '/%ff',
    '/..',
    '/../../etc/passwd',
    '/livez/..;/loglevel',
    '/LIVEZ',
    '/livez/',
    '/readyz/__proto__',
    '/readyz/constructor',
    '/readyz/%00',
    '/readyz/%0d%0aSet-Cookie:%20a=b',
    `/readyz/${'a'.repeat(10_000)}`,
    '/metrics/',
    '/metrics?name[]=',
    `/metrics?${'a=b&'.repeat(3_000)}`,
    '/info?__proto__[a]=b',
    '/__proto__',
    'http://evil.example/metrics',
    'http://[',
    '*',
    `/${'a/'.repeat(5_000)}`,
    '/heap',
    '/debug/pprof',
    '/actuator/env',
    '/.env',
  ])('%j does no harm', async (path) => {
    const { status, headers } = await toOps(local(path));
    expect([200, 400, 404, 414]).toContain(status);
    expect(Object.keys(headers)).not.toContain('set-cookie');
  });

  test.each(['DELETE', 'TRACE', 'PATCH', 'PROPFIND', 'POST', 'OPTIONS'])('is not for %s', async (method) => {
    expect((await toOps(local('/metrics', [], method))).status).toBe(405);
  });
});

describe('bytes', () => {
  test.each([
    ['two lengths', 'PUT /loglevel HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}'],
    [
      'a length and chunks',
      'PUT /loglevel HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a bare line feed', 'GET /livez HTTP/1.1\nHost: localhost\n\n'],
    ['a NUL', 'GET /livez HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n'],
    ['no host', 'GET /livez HTTP/1.1\r\n\r\n'],
    ['no HTTP', '\x16\x03\x01\x02\x00'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a header of 20 KB', local('/livez', [`X: ${'x'.repeat(20_000)}`])],
    ['a tunnel', ask('x:443', [], 'CONNECT')],
  ])('of %s are refused, and the connection ends', async (_, bytes) => {
    const answers = await target.send(bytes, target.opsPort);
    for (const { status } of answers) expect([400, 404, 405, 431]).toContain(status);
  });

  test('of chunks without end are refused', async () => {
    const head = local('/loglevel', ['Transfer-Encoding: chunked', 'Content-Type: application/json'], 'PUT');
    const answers = await target.send(`${head}${chunk('x'.repeat(1_024)).repeat(2_000)}0\r\n\r\n`, target.opsPort);
    expect(answers.map(({ status }) => status)).toEqual([400]);
  });
});

describe('whoever is not let in', () => {
  test.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    '[::1].evil.example',
    '0',
    '0.0.0.0',
    '',
  ])('cannot come by the host %j', async (host) => {
    const { status } = await toOps(local('/loglevel').replace('Host: localhost', `Host: ${host}`));
    expect([400, 403]).toContain(status);
  });

  test.each([
    'X-Forwarded-For: 127.0.0.1',
    'X-Forwarded-Host: localhost',
    'Forwarded: host=localhost',
    'X-Real-IP: 127.0.0.1',
    'Authorization: Bearer x',
  ])('cannot come by %j', async (line) => {
    expect((await toOps(ask('/loglevel', [line, closing]))).status).toBe(403);
  });

  test.each(['/profile/cpu?seconds=60', '/profile/heap'])('cannot look into the process at %s', async (path) => {
    expect((await toOps(local(path, ['Content-Length: 0'], 'POST'))).status).toBe(403);
    expect((await toOps(local(path))).status).toBe(405);
  });

  test('cannot come without the token where there is one', async () => {
    await using guarded = await openTarget({ environment: { OPS_TOKEN: token } });
    const withToken = (value: string) => toOps(local('/loglevel', [`Authorization: ${value}`]), guarded);
    const wrong = [
      '',
      'Bearer',
      'Bearer ',
      `Basic ${token}`,
      `Bearer ${token}x`,
      `Bearer ${token.slice(1)}`,
      `Bearer ${token.toUpperCase()}`,
      `Bearer  x${token}`,
      `Bearer ${token}, Bearer ${token}`,
      `Bearer ${'x'.repeat(15_000)}`,
      `Bearer \u0000`.replace('\u0000', '%00'),
      token,
    ];
    for (const value of wrong) expect((await withToken(value)).status).toBe(401);
    expect((await toOps(local(`/loglevel?token=${token}`), guarded)).status).toBe(401);
    for (const path of ['/', '/config', '/dependencies', '/health/changes', '/loglevel']) {
      expect((await toOps(local(path), guarded)).status).toBe(401);
    }
    expect((await toOps(local('/profile/heap', ['Content-Length: 0'], 'POST'), guarded)).status).toBe(401);
    expect((await withToken(`Bearer ${token}`)).status).toBe(200);
    expect((await toOps(local('/livez'), guarded)).status).toBe(200);
    expect(guarded.service.process.stdout).not.toContain(token);
    await guarded.unharmed();
  });
});

describe('two hundred connections that say nothing', () => {
  test('keep no probe from its answer', async () => {
    using clients = await openClients({ port: target.opsPort, count: 200 });
    for (const path of ['/livez', '/readyz', '/startupz', '/metrics'])
      expect((await toOps(local(path))).status).toBe(200);
    expect(clients.ended()).toBe(0);
  });

  test('and leave are forgotten', async () => {
    using clients = await openClients({
      port: target.opsPort,
      count: 200,
      bytes: 'PUT /loglevel HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{',
    });
    for (const { socket } of clients.all) socket.resetAndDestroy();
    await waitFor(async () => (await toOps(local('/livez'))).status === 200, { what: 'a probe to be answered' });
  });
});

test('the level is what it was, and no harm is done', async () => {
  expect((await toOps(local('/loglevel'))).text).toBe(levels);
  await target.unharmed();
});
