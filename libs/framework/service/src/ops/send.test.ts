import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { send } from './send.ts';

/** A server that answers each request so, and what came of the answers. */
async function serving(answer: (response: ServerResponse) => Promise<void>) {
  const outcomes: Promise<void>[] = [];
  const server = createServer((_, response) => {
    const outcome = answer(response);
    outcome.catch(() => {});
    outcomes.push(outcome);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    outcomes,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Gives pieces of 64 KiB for as long as somebody asks. */
function endless() {
  return new Readable({
    read() {
      this.push(Buffer.alloc(65_536));
    },
  });
}

function closeOf(stream: Readable): Promise<void> {
  stream.on('error', () => {});
  return new Promise((resolve) => stream.once('close', resolve));
}

test('a stream is sent as it flows, with the headers of its answer', async () => {
  const headers = { 'content-type': 'application/octet-stream' };
  await using server = await serving((response) => send(response, { headers, body: Readable.from(['a', 'b', 'c']) }));
  const answer = await fetch(server.url);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
  expect(await answer.text()).toBe('abc');
  await server.outcomes[0];
});

test('a stream ends when its caller goes', async () => {
  const body = endless();
  await using server = await serving((response) => send(response, { body }));
  const socket = connect(server.port, '127.0.0.1').end('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(socket, 'data');
  const closed = closeOf(body);
  socket.destroy();
  await closed;
  await expect(server.outcomes[0]).rejects.toThrow();
});

test('a stream that nobody reads ends after its time', async () => {
  const body = endless();
  const closed = closeOf(body);
  await using server = await serving((response) => send(response, { body }, { stallMs: 50 }));
  const socket = connect(server.port, '127.0.0.1').pause();
  socket.on('error', () => {}).write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await closed;
  await expect(server.outcomes[0]).rejects.toThrow();
  socket.destroy();
});

test('a stream that fails half-way breaks the answer off, and whoever sent it is told', async () => {
  await using server = await serving((response) =>
    send(response, {
      body: Readable.from(
        (function* () {
          yield 'a';
          throw new Error('no more');
        })(),
      ),
    }),
  );
  await expect(fetch(server.url).then((answer) => answer.text())).rejects.toThrow();
  await expect(server.outcomes[0]).rejects.toThrow('no more');
});
