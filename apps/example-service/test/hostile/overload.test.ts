import { waitFor } from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openClients } from './support/clients.ts';
import { ask, chunk } from './support/requests.ts';
import { openHostileTarget, type Target } from './support/target.ts';

const closing = ['Connection: close'];

describe('more requests than REST_CONCURRENCY', () => {
  let target: Target;
  beforeAll(async () => {
    target = await openHostileTarget({ environment: { REST_CONCURRENCY: '10', REST_TIMEOUT: '400ms' } });
  });
  afterAll(() => target[Symbol.asyncDispose]());

  test('are told at once to come back, and those before them are served', async () => {
    const all = await Promise.all(Array.from({ length: 100 }, () => target.one(ask('/waits/shortly', closing))));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200, 503]));
    for (const { status, headers, text } of all) {
      if (status === 200) continue;
      expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
      expect(JSON.parse(text)).toMatchObject({ reason: 'OVERLOADED', code: 'unavailable' });
    }
    expect(all.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(10);
  });

  test('keep no probe from its answer', async () => {
    using clients = await openClients({ port: target.port, count: 10, bytes: ask('/waits/obediently') });
    await waitFor(async () => (await target.one(ask('/counts', closing))).status === 503, { what: 'it to be full' });
    expect((await target.one(ask('/livez', closing))).status).toBe(200);
    expect((await target.one(ask('/readyz', closing))).status).toBe(200);
    expect((await target.one(ask('/livez', closing), target.opsPort)).status).toBe(200);
    expect(clients.ended()).toBe(0);
  });

  test('are taken again as soon as the others are done', async () => {
    await waitFor(async () => (await target.one(ask('/counts', closing))).status === 200, {
      what: 'a place to be free',
    });
  });

  test('may send bodies that nobody reads', async () => {
    using _ = await openClients({ port: target.port, count: 10, bytes: ask('/waits/obediently') });
    await waitFor(async () => (await target.one(ask('/counts', closing))).status === 503, { what: 'it to be full' });
    const head = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    for (const framed of ['Content-Length: 1073741824\r\n\r\n{', `Transfer-Encoding: chunked\r\n\r\n${chunk('{')}`]) {
      expect((await target.one(head + framed)).status).toBe(503);
    }
  });

  test('do no harm', () => target.unharmed(['OVERLOADED', 'DEADLINE_EXCEEDED']));
});

describe('more connections than REST_CONNECTIONS', () => {
  let target: Target;
  beforeAll(async () => {
    target = await openHostileTarget({ environment: { REST_CONNECTIONS: '50' } });
  });
  afterAll(() => target[Symbol.asyncDispose]());

  test('are closed at once, and the others are served on', async () => {
    await target.serves();
    using clients = await openClients({ port: target.port, count: 200 });
    await waitFor(() => clients.ended() >= 150, { what: 'those beyond the limit to be closed' });
    const left = clients.all.filter(({ ended }) => !ended);
    expect(left.length).toBe(50);
    for (const { socket } of left) socket.write(ask('/counts', closing));
    await waitFor(() => clients.ended() === 200, { what: 'the others to be served' });
    expect(left.filter(({ text }) => text.startsWith('HTTP/1.1 200 '))).toHaveLength(50);
  });

  test('do no harm', () => target.unharmed());
});
