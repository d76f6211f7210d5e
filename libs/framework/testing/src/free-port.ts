import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

// Below the ports that the kernel hands out to outgoing connections (32768 and up on Linux), so that no connection
// of another test takes a port between its being found and its being used.
const lowest = 20_000;
const highest = 32_000;
const attempts = 100;

/** A TCP port that is free on all interfaces at this moment. Listen on it soon: it is not kept. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port as number;
}

/**
 * As many different free TCP ports as asked for.
 *
 * @throws {RangeError} when `count` is not an integer from 1 to 100.
 */
export async function freePorts(count: number): Promise<number[]> {
  if (!Number.isInteger(count) || count < 1 || count > 100) {
    throw new RangeError(`Expected \`count\` to be an integer from 1 to 100, got \`${count}\``);
  }
  const held: { port: number; server: Server }[] = [];
  try {
    while (held.length < count) held.push(await holdAnyPort());
    return held.map(({ port }) => port);
  } finally {
    await Promise.all(held.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  }
}

async function holdAnyPort(): Promise<{ port: number; server: Server }> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = randomInt(lowest, highest);
    const server = await hold(port);
    if (server) return { port, server };
  }
  throw new Error(`Tried ${attempts} ports between ${lowest} and ${highest}, and none was free`);
}

function hold(port: number): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen(port, () => resolve(server));
  });
}
