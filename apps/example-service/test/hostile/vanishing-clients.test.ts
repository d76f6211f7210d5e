import { waitFor } from '@org/testing';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAnswers } from './support/answers.ts';
import { openClients } from './support/clients.ts';
import { ask } from './support/requests.ts';
import { openHostileTarget, type Target } from './support/target.ts';

let target: Target;
beforeAll(async () => {
  target = await openHostileTarget({ environment: { REST_CONCURRENCY: '400' } });
});
afterAll(() => target[Symbol.asyncDispose]());

const count = 200;
const bodyHead = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

const stages: [name: string, bytes: string][] = [
  ['after they connected', ''],
  ['in the middle of a request line', 'GET /cou'],
  ['in the middle of their headers', 'GET /counts HTTP/1.1\r\nHost: x\r\nX: '],
  ['before a body', `${bodyHead}Content-Length: 1000\r\n\r\n`],
  ['in the middle of a body', `${bodyHead}Content-Length: 1000\r\n\r\n{"a":`],
  ['in the middle of a chunk', `${bodyHead}Transfer-Encoding: chunked\r\n\r\nff\r\n{"a":`],
  ['before the last chunk', `${bodyHead}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n`],
  ['before they may go on', `${bodyHead}Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n`],
  ['in the middle of a body for nobody', 'POST /no HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{'],
  ['while a handler works', ask('/waits/shortly')],
  ['while a handler waits for them', ask('/waits/obediently')],
  ['while a handler works on the first of several', ask('/waits/shortly').repeat(5)],
  ['in the middle of an answer', ask('/gives/large')],
  ['in the middle of several answers', ask('/gives/large').repeat(2)],
  ['in the middle of an answer that fails half-way', ask('/answers/half-and-rejects-later')],
  ['in the middle of a page', ask('/page/answers-late')],
];

const ways: [name: string, leave: (socket: Socket) => unknown][] = [
  ['close their connection', (socket) => socket.end().destroy()],
  ['reset it', (socket) => socket.resetAndDestroy()],
];

describe.each(ways)('two hundred clients that %s', (_, leave) => {
  test.each(stages)('%s do no harm', async (__, bytes) => {
    using clients = await openClients({ port: target.port, count, ...(bytes !== '' && { bytes }) });
    // Half of them wait until something has come back, if anything is to come back, so that both sides of it are seen.
    if (/large|half-way/.test(bytes))
      await waitFor(() => clients.all.some(({ text }) => text !== ''), { what: 'an answer' });
    for (const { socket } of clients.all) leave(socket);
    await target.serves();
  });

  test('leave nothing behind', async () => {
    await target.unharmed(['half-way']);
    await waitFor(waitingIsOver, { what: 'all handlers to end' });
  });
});

async function waitingIsOver(): Promise<boolean> {
  const { text } = await target.one(ask('/counts', ['Connection: close']));
  const { waiting } = JSON.parse(text) as { waiting: { began: number; ended: number } };
  return waiting.began === waiting.ended;
}

describe('clients that only stop sending', () => {
  test('behind a whole request get their answer, or are taken for gone', async () => {
    using clients = await openClients({ port: target.port, count: 50, bytes: ask('/waits/shortly') });
    for (const { socket } of clients.all) socket.end();
    await waitFor(() => clients.ended() === 50, { what: 'all of them to be answered' });
    for (const { text } of clients.all) {
      if (text !== '') expect(parseAnswers(text)).toMatchObject([{ status: 200, text: '"short"' }]);
    }
  });

  test.each([
    ['a half of a request', 'GET /counts HTTP/1.1\r\nHo'],
    ['a half of a body', `${bodyHead}Content-Length: 1000\r\n\r\n{`],
    ['nothing', ''],
  ])('behind %s are let go', async (_, bytes) => {
    using clients = await openClients({ port: target.port, count: 50, ...(bytes !== '' && { bytes }) });
    for (const { socket } of clients.all) socket.end();
    await waitFor(() => clients.ended() === 50, { what: 'all of them to be let go' });
  });

  test('do no harm', () => target.unharmed(['half-way']));
});

test('a client that leaves while its order is worked on is noted as gone, once, and as no error', async () => {
  const id = 'the-one-who-left';
  using clients = await openClients({
    port: target.port,
    count: 1,
    bytes: ask('/waits/obediently', [`X-Request-Id: ${id}`]),
  });
  await waitFor(async () => !(await waitingIsOver()), { what: 'the handler to begin' });
  clients.all[0]!.socket.resetAndDestroy();
  await waitFor(waitingIsOver, { what: 'the handler to end' });
  const lines = () => target.service.logs.filter(({ request_id: of }) => of === id);
  await waitFor(() => lines().length > 0, { what: 'the line of the request' });
  expect(lines()).toMatchObject([{ level: 'info', msg: 'request', status: 499 }]);
});
