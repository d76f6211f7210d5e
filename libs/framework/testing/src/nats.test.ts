import { createConnection } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { environmentNats, hasNats, natsRequirement, skipUnless, startNats, waitFor } from './index.ts';

/** What the server says first. */
async function greeting(port: number): Promise<string> {
  const socket = createConnection({ port, host: '127.0.0.1' });
  try {
    const [data] = (await once(socket, 'data', { signal: AbortSignal.timeout(2_000) })) as [Buffer];
    return data.toString();
  } finally {
    socket.destroy();
  }
}

test('a server is killed, started again on its port, stopped and let go on, and gone in the end', async (context) => {
  skipUnless(context, await hasNats(), natsRequirement);
  let port: number;
  {
    await using server = await startNats();
    port = server.port;
    expect(await greeting(port)).toContain('"jetstream":true');
    await server.kill();
    await expect(greeting(port)).rejects.toThrow();
    await server.restart();
    expect(await greeting(port)).toContain('"jetstream":true');
    server.pause();
    // The signal arrives when the system gets to it.
    const stopped = () =>
      greeting(port).then(
        () => false,
        () => true,
      );
    expect(await waitFor(stopped, { what: 'a server that says nothing' })).toBe(true);
    server.resume();
    expect(await waitFor(() => greeting(port), { what: 'the greeting' })).toContain('INFO');
  }
  await expect(greeting(port)).rejects.toThrow();
});

test('a server that cannot start says why', async (context) => {
  skipUnless(context, await hasNats(), natsRequirement);
  await expect(startNats({ configuration: 'jetstream: nonsense' })).rejects.toThrow(/nats-server/);
});

test('without a listener the environment has no server', async () => {
  expect(await environmentNats({ BROKER_URL_NATS: 'nats://127.0.0.1:1' })).toBeUndefined();
});
