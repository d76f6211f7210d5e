import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { freePort, freePorts } from './free-port.ts';

describe('freePort', () => {
  test.each([undefined, '127.0.0.1', '0.0.0.0'])('finds a port on which one can listen at %s', async (host) => {
    const server = createServer().listen(await freePort(), host);
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
  });

  test('stays below the ports of outgoing connections', async () => {
    for (const port of await freePorts(50)) {
      expect(port).toBeGreaterThanOrEqual(20_000);
      expect(port).toBeLessThan(32_768);
    }
  });
});

describe('freePorts', () => {
  test('gives ports that differ', async () => {
    const ports = await freePorts(100);
    expect(new Set(ports).size).toBe(100);
  });

  test.each([0, -1, 1.5, 101, Number.NaN])('refuses to look for %s ports', async (count) => {
    await expect(freePorts(count)).rejects.toThrow(RangeError);
  });
});
