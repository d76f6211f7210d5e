import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { gzipSync, constants, createGzip, deflateRawSync } from 'node:zlib';
import { pipeline } from 'node:stream';
import { ServiceError } from '@org/errors';
import { waitFor } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { contract } from '../test-fixtures/orders.ts';
import { json, problem, serve, type Respond, type TestServer } from '../test-fixtures/serve.ts';
import { createClient, type ClientOptions } from './index.ts';

const order = { id: '7', quantity: 2 };
const alone = { retry: false, breaker: false, bulkhead: false } as const;
const clientOf = ({ url }: { url: string }, options: ClientOptions = {}, timeoutMs = 5_000) =>
  createClient(contract, { url, timeoutMs }, { ...alone, ...options });

/** What a call of a GET is rejected with. */
async function failureOf(
  server: { url: string },
  options: ClientOptions = {},
  timeoutMs = 5_000,
): Promise<ServiceError> {
  const thrown = await clientOf(server, options, timeoutMs)
    .getOrder({ params: { id: '7' } })
    .then(
      (answer) => expect.fail(`answered ${JSON.stringify(answer)}`),
      (error: unknown) => error,
    );
  expect(thrown).toBeInstanceOf(ServiceError);
  return thrown as ServiceError;
}

/** The connections of a server whose answers are bytes. */
async function serveBytes(answer: (socket: Socket) => void): Promise<TestServer & { open: Set<Socket> }> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => {});
    socket.once('data', () => answer(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    open,
    requests: [],
    connections: () => open.size,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

const head = (headers: string, status = '200 OK') =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n${headers}\r\n\r\n`;

describe('a server that', () => {
  test.each<[string, (socket: Socket) => void]>([
    ['never answers', () => {}],
    ['never ends its head', (socket) => socket.write('HTTP/1.1 200 OK\r\nx: ')],
    ['never ends its body', (socket) => socket.write(`${head('content-length: 100')}{"id":`)],
    ['never ends its chunks', (socket) => socket.write(`${head('transfer-encoding: chunked')}3\r\n{"i\r\n`)],
    ['never ends its problem', (socket) => socket.write(`${head('content-length: 100', '500 No')}{"id":`)],
  ])('%s is given up when the time is over, and its connection is closed', async (_, answer) => {
    await using server = await serveBytes(answer);
    const error = await failureOf(server, {}, 100);
    expect(error).toMatchObject({ code: 'deadline_exceeded', reason: 'DEADLINE_EXCEEDED' });
    expect(error.message).toBe(
      `Cannot call \`getOrder\` of orders at ${server.url}: The call was given 100 ms, and they are over`,
    );
    await waitFor(() => server.open.size === 0, { what: 'the connection to be closed' });
  });

  test('drips its bytes is given up when the time is over', async () => {
    await using server = await serveBytes((socket) => {
      socket.write(head('content-length: 1000000'));
      const timer = setInterval(() => socket.write(' '), 5);
      socket.on('close', () => clearInterval(timer));
    });
    expect(await failureOf(server, {}, 100)).toMatchObject({ code: 'deadline_exceeded' });
    await waitFor(() => server.open.size === 0, { what: 'the connection to be closed' });
  });

  test.each<[string, (socket: Socket) => void]>([
    ['closes without an answer', (socket) => socket.end()],
    ['resets the connection', (socket) => socket.resetAndDestroy()],
    ['closes in the middle of its head', (socket) => socket.end('HTTP/1.1 200 O')],
    ['closes in the middle of its body', (socket) => socket.end(`${head('content-length: 100')}{"id":`)],
    ['closes in the middle of its chunks', (socket) => socket.end(`${head('transfer-encoding: chunked')}ff\r\n{"i`)],
    ['does not speak HTTP', (socket) => socket.end('220 mail.example.org ESMTP\r\n')],
    ['has two lengths', (socket) => socket.end(`${head('content-length: 2\r\ncontent-length: 3')}{}`)],
    ['has an endless head', (socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`)],
    ['has chunks that are none', (socket) => socket.end(`${head('transfer-encoding: chunked')}zz\r\n{}\r\n`)],
  ])('%s is unavailable', async (_, answer) => {
    await using server = await serveBytes(answer);
    const error = await failureOf(server);
    expect(error).toMatchObject({ code: 'unavailable', reason: 'CONNECTION_FAILED' });
    expect(error.message).toContain(`Cannot call \`getOrder\` of orders at ${server.url}: `);
  });

  test('promises less than it sends has only what it promised read', async () => {
    const text = JSON.stringify(order);
    await using server = await serveBytes((socket) =>
      socket.end(`${head(`content-length: ${text.length}`)}${text}{"id":"8"}`),
    );
    expect(await clientOf(server).getOrder({ params: { id: '7' } })).toEqual(order);
  });

  test('is not there is unavailable, and the message names it without path and query', async () => {
    const server = await serve(() => {});
    await server[Symbol.asyncDispose]();
    const error = await failureOf({ url: `${server.url}/base` });
    expect(error).toMatchObject({ code: 'unavailable', reason: 'CONNECTION_FAILED' });
    expect(error.message).toBe(`Cannot call \`getOrder\` of orders at ${server.url}: ECONNREFUSED`);
    const nowhere = await failureOf({ url: 'http://nowhere.invalid' });
    expect(nowhere.message).toMatch(
      /^Cannot call `getOrder` of orders at http:\/\/nowhere\.invalid: (ENOTFOUND|EAI_AGAIN)$/,
    );
  });
});

describe('a body', () => {
  const tooLarge = { code: 'internal', reason: 'ANSWER_TOO_LARGE' };

  test.each<[string, Respond]>([
    ['with its length', (response) => json(response, 200, { id: 'x'.repeat(2_000) })],
    [
      'in chunks',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        for (let chunk = 0; chunk < 20; chunk += 1) response.write('x'.repeat(100));
        response.end();
      },
    ],
    [
      'under compression',
      (response) => {
        const body = gzipSync(JSON.stringify({ id: 'x'.repeat(2_000) }));
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(body);
      },
    ],
  ])('that is too large %s is refused', async (_, respond) => {
    await using server = await serve(respond);
    const error = await failureOf(server, { maximumBodyBytes: 1_000 });
    expect(error).toMatchObject(tooLarge);
    expect(error.message).toBe('The answer of orders to `getOrder` has more than 1000 bytes');
  });

  test('of a gibibyte is given up after 10 MiB, and the server notices', async () => {
    const written = Promise.withResolvers<number>();
    await using server = await serve((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 2 ** 30 });
      const chunk = Buffer.alloc(2 ** 16, 'x');
      let sent = 0;
      const write = () => {
        while (sent < 2 ** 30) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', write);
        }
      };
      response.on('close', () => written.resolve(sent));
      write();
    });
    expect(await failureOf(server)).toMatchObject(tooLarge);
    expect(await written.promise).toBeLessThan(2 ** 28);
  });

  test('that is a bomb is given up long before it has gone off', async () => {
    const before = process.memoryUsage().rss;
    await using server = await serve((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      const gzip = createGzip({ level: constants.Z_BEST_COMPRESSION });
      const zeros = Buffer.alloc(2 ** 20);
      let left = 1_024;
      const feed = () => {
        while (left > 0) {
          left -= 1;
          if (!gzip.write(zeros)) return void gzip.once('drain', feed);
        }
        gzip.end();
      };
      pipeline(gzip, response, () => (left = 0));
      feed();
    });
    expect(await failureOf(server)).toMatchObject(tooLarge);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 2 ** 20);
  });

  test('under fifty compressions is not unpacked', async () => {
    let body = Buffer.from(JSON.stringify(order));
    for (let layer = 0; layer < 50; layer += 1) body = Buffer.from(gzipSync(body));
    const codings = Array.from({ length: 50 }, () => 'gzip').join(', ');
    await using server = await serve((response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': codings }).end(body),
    );
    expect(await failureOf(server)).toMatchObject({ code: 'unavailable', reason: 'CONNECTION_FAILED' });
  });

  test('that is as large as it may be is read', async () => {
    const text = JSON.stringify({ ...order, id: 'x'.repeat(500) });
    await using server = await serve((response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(text),
    );
    const options = { maximumBodyBytes: text.length };
    expect(await clientOf(server, options).getOrder({ params: { id: '7' } })).toMatchObject({ quantity: 2 });
    expect(await failureOf(server, { maximumBodyBytes: text.length - 1 })).toMatchObject(tooLarge);
  });

  const malformed = { code: 'internal', reason: 'ANSWER_MALFORMED' };
  const bytes =
    (type: string | undefined, body: string | Buffer, more = {}): Respond =>
    (response) =>
      response.writeHead(200, { ...(type !== undefined && { 'content-type': type }), ...more }).end(body);

  test.each<[string, Respond, string]>([
    ['that is not JSON', bytes('application/json', '{"secret":"hunter2"'), 'it is not JSON'],
    ['that is empty', bytes('application/json', ''), 'it is not JSON'],
    ['that is HTML', bytes('text/html', '<h1>hunter2</h1>'), 'expected JSON, got `text/html`'],
    ['of no type', bytes(undefined, '{}'), 'expected JSON, got no content-type'],
    [
      'that is a problem with status 200',
      bytes('application/problem+json', '{"code":"internal"}'),
      'expected JSON, got `application/problem+json`',
    ],
    ['that is almost JSON', bytes('application/jsonp', '{}'), 'expected JSON, got `application/jsonp`'],
    ['that is not UTF-8', bytes('application/json', Buffer.from('{"id":"\xff"}', 'latin1')), 'it is not UTF-8'],
    [
      'whose compression is broken',
      bytes('application/json', '{"id":"7"}', { 'content-encoding': 'gzip' }),
      'its compression is broken',
    ],
    ['of an endless type', bytes(`text/${'x'.repeat(5_000)}`, ''), `text/${'x'.repeat(95)}`],
  ])('%s is refused, without a piece of it', async (_, respond, why) => {
    await using server = await serve(respond);
    const error = await failureOf(server);
    expect(error).toMatchObject(malformed);
    expect(error.message).toContain(why);
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('hunter2');
    expect(error.message.length).toBeLessThan(300);
  });

  test('in another type of JSON is read', async () => {
    await using server = await serve(bytes('application/hal+json; charset=utf-8', JSON.stringify(order)));
    expect(await clientOf(server).getOrder({ params: { id: '7' } })).toEqual(order);
  });

  test('of which nothing is promised is read and forgotten, so that the connection is used again', async () => {
    await using server = await serve((response) => json(response, 200, { unexpected: 'x'.repeat(1_000) }));
    const client = clientOf(server);
    for (let call = 0; call < 20; call += 1) expect(await client.touchOrder({ params: { id: '7' } })).toBeUndefined();
    expect(server.connections()).toBeLessThan(5);
  });

  test('of an error is read or left, so that connections are used again or closed', async () => {
    await using server = await serve((response) => problem(response, 404, { code: 'not_found' }));
    const client = clientOf(server);
    for (let call = 0; call < 20; call += 1) await client.getOrder({ params: { id: '7' } }).catch(() => {});
    expect(server.connections()).toBeLessThan(5);
  });

  test('deflated without a wrapper is read as well', async () => {
    const body = deflateRawSync(JSON.stringify(order));
    await using server = await serve(bytes('application/json', body, { 'content-encoding': 'deflate' }));
    expect(await clientOf(server).getOrder({ params: { id: '7' } })).toEqual(order);
  });
});

describe('what does not fit the contract', () => {
  test('is refused with its places and without its values', async () => {
    await using server = await serve((response) => json(response, 200, { id: 7, quantity: 'hunter2' }));
    const error = await failureOf(server);
    expect(error).toMatchObject({
      code: 'internal',
      reason: 'ANSWER_INVALID',
      details: { violations: [{ pointer: '/id' }, { pointer: '/quantity' }] },
    });
    expect(error.message).toMatch(/^The answer of orders to `getOrder` is not what its contract promises at `\/id`: /);
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  test('is taken when it is only more than was promised, also where the schema is strict', async () => {
    const newer = { ...order, color: 'red', address: { city: 'Paris', street: 'Rue X' } };
    await using server = await serve((response) => json(response, 200, newer));
    expect(await clientOf(server).getOrder({ params: { id: '7' } })).toEqual({ ...order, address: { city: 'Paris' } });
  });

  test('is refused when it is a 304, of which there is no copy', async () => {
    await using server = await serve((response) => response.writeHead(304, { etag: '"1"' }).end());
    const error = await failureOf(server);
    expect(error).toMatchObject({ code: 'internal', reason: 'ANSWER_INVALID' });
    expect(error.message).toContain('is 304, of which there is no copy here');
  });

  test('does not open the circuit: the service is there', async () => {
    await using server = await serve((response) => json(response, 200, {}));
    const client = clientOf(server, { breaker: { size: 2 } });
    for (let call = 0; call < 5; call += 1) {
      await expect(client.getOrder({ params: { id: '7' } })).rejects.toMatchObject({ reason: 'ANSWER_INVALID' });
    }
  });
});

describe('a redirect', () => {
  const elsewhere = { code: 'internal', reason: 'ANSWER_REDIRECTED' };

  test.each([301, 302, 303, 307, 308])(
    'with %d to another origin is not followed, and takes no credentials there',
    async (status) => {
      await using other = await serve((response) => json(response, 200, order));
      await using server = await serve((response) =>
        response.writeHead(status, { location: `${other.url}/orders/7?token=hunter2` }).end(),
      );
      const error = await failureOf(server, { credentials: () => 'Bearer hunter2' });
      expect(error).toMatchObject(elsewhere);
      expect(error.message).toBe(
        `The answer of orders to \`getOrder\` leads elsewhere (${status} to ${other.url}/orders/7), which is not followed. Correct its base URL`,
      );
      expect(other.requests).toEqual([]);
    },
  );

  test.each([
    ['to itself', '/orders/7'],
    ['to nowhere', undefined],
    ['to what is no URL', 'http://['],
    ['with a password', 'http://user:hunter2@localhost/'],
    ['to a script', 'javascript:hunter2()'],
  ])('%s is not followed', async (_, location) => {
    await using server = await serve((response) =>
      response.writeHead(302, location === undefined ? {} : { location }).end(),
    );
    const error = await failureOf(server);
    expect(error).toMatchObject(elsewhere);
    expect(error.message).not.toContain('hunter2');
    expect(server.requests).toHaveLength(1);
  });
});
