import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { freePort } from './free-port.ts';
import { openTcpProxy } from './tcp-proxy.ts';
import { waitFor } from './wait-for.ts';

/** A server that sends back what it gets, and a client of it through a proxy. */
async function world() {
  const stack = new AsyncDisposableStack();
  const accepted: Socket[] = [];
  const server = createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => undefined).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(() => void server.close());
  const proxy = stack.use(await openTcpProxy({ target: { port: (server.address() as AddressInfo).port } }));
  const open = () => {
    const socket = connect({ port: proxy.port, host: '127.0.0.1' });
    stack.defer(() => void socket.destroy());
    const client = { socket, text: '', end: undefined as string | undefined };
    socket.setEncoding('utf8').on('data', (chunk: string) => (client.text += chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => (client.end = error.code));
    socket.on('end', () => (client.end ??= 'end'));
    return client;
  };
  return { proxy, open, accepted, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

describe('openTcpProxy', () => {
  test('passes what is sent both ways, and counts it', async () => {
    await using at = await world();
    const client = at.open();
    client.socket.write('hello');
    await waitFor(() => client.text === 'hello', { what: 'the echo' });
    expect(at.proxy.counts).toEqual({ connections: 1, open: 1, bytes: { 'to-target': 5, 'to-client': 5 } });
  });

  test('passes much more than its buffers hold', async () => {
    await using at = await world();
    const client = at.open();
    client.socket.write('x'.repeat(5_000_000));
    await waitFor(() => client.text.length === 5_000_000, { what: 'all of it' });
  });

  test('passes the end of a connection, and forgets it', async () => {
    await using at = await world();
    const client = at.open();
    client.socket.end('bye');
    await waitFor(() => client.end, { what: 'the end' });
    expect([client.text, client.end]).toEqual(['bye', 'end']);
    await waitFor(() => at.proxy.counts.open === 0, { what: 'no open connection' });
  });

  test('resets the open connections at both ends, and takes new ones', async () => {
    await using at = await world();
    const clients = [at.open(), at.open()];
    await waitFor(() => at.accepted.length === 2, { what: 'both connections' });
    const closed = at.accepted.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    expect(at.proxy.cut()).toBe(2);
    await waitFor(() => clients.every(({ end }) => end === 'ECONNRESET'), { what: 'the resets' });
    await Promise.all(closed);
    const next = at.open();
    next.socket.write('again');
    await waitFor(() => next.text === 'again', { what: 'the echo' });
  });

  test('refuses new connections until it is to accept them', async () => {
    await using at = await world();
    at.proxy.refuse();
    const refused = at.open();
    await waitFor(() => refused.end, { what: 'the reset' });
    at.proxy.accept();
    const client = at.open();
    client.socket.write('hello');
    await waitFor(() => client.text === 'hello', { what: 'the echo' });
  });

  test('holds what goes one way, and closes nothing, until it passes again', async () => {
    await using at = await world();
    const client = at.open();
    await waitFor(() => at.accepted.length === 1, { what: 'the connection' });
    at.proxy.stop('to-client');
    client.socket.write('one');
    await waitFor(() => at.proxy.counts.bytes['to-target'] === 3, { what: 'the way there' });
    const fresh = at.open();
    fresh.socket.write('two');
    await waitFor(() => at.proxy.counts.bytes['to-target'] === 6, { what: 'the way there of a new connection' });
    expect([client.text, client.end, fresh.text, fresh.end]).toEqual(['', undefined, '', undefined]);
    at.proxy.pass();
    await waitFor(() => client.text === 'one' && fresh.text === 'two', { what: 'what was held' });
  });

  test('is half-open both ways when it stops: not even an end gets through', async () => {
    await using at = await world();
    const client = at.open();
    await waitFor(() => at.accepted.length === 1, { what: 'the connection' });
    let ended = false;
    at.accepted[0]!.on('end', () => (ended = true));
    at.proxy.stop();
    at.proxy.stop();
    client.socket.end('bye');
    await waitFor(() => client.socket.writableFinished, { what: 'the client to have sent it' });
    expect([ended, at.proxy.counts.bytes['to-target']]).toEqual([false, 0]);
    at.proxy.pass();
    await waitFor(() => client.end === 'end', { what: 'the end' });
    expect(client.text).toBe('bye');
  });

  test('resets a connection whose target is not there', async () => {
    await using proxy = await openTcpProxy({ target: { port: await freePort() } });
    const socket = connect({ port: proxy.port, host: '127.0.0.1' });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
  });

  test('resets what is open when it is disposed', async () => {
    await using at = await world();
    const client = at.open();
    await waitFor(() => at.accepted.length === 1, { what: 'the connection' });
    await at.proxy[Symbol.asyncDispose]();
    await waitFor(() => client.end === 'ECONNRESET', { what: 'the reset' });
  });
});
