import { describe, expect, test } from 'vitest';
import { freePort } from './free-port.ts';
import { rawRequest } from './raw-request.ts';
import { findRabbitmq, rabbitmqRequirement, startRabbitmq } from './rabbitmq.ts';
import { skipUnless } from './skip-unless.ts';
import { openTcpProxy } from './tcp-proxy.ts';

const greeting = Uint8Array.of(65, 77, 81, 80, 0, 0, 9, 1);

describe('startRabbitmq', () => {
  test(
    'starts a server of its own, kills it, and starts it again with what it had',
    { timeout: 150_000 },
    async (context) => {
      await using server = await startRabbitmq();
      skipUnless(context, server !== undefined, rabbitmqRequirement);
      await server!.control('add_vhost', 'kept');
      await server!.kill();
      expect((await rawRequest(server!.port, greeting)).end).toBe('refused');
      await server!.restart();
      expect(await server!.control('list_vhosts')).toContain('kept');
      await server!.freeze();
      expect((await rawRequest(server!.port, greeting, { timeoutMs: 300 })).end).toBe('timeout');
      await server!.thaw();
      expect((await rawRequest(server!.port, greeting, { until: /RabbitMQ/ })).end).toBe('matched');
    },
  );
});

describe('findRabbitmq', () => {
  test('takes the one that the environment names', async (context) => {
    await using found = await findRabbitmq();
    skipUnless(context, found !== undefined, rabbitmqRequirement);
    const { hostname, port } = new URL(found!.url);
    await using proxy = await openTcpProxy({ target: { host: hostname, port: Number(port || 5672) } });
    const url = `amqp://user:password@127.0.0.1:${proxy.port}/vhost`;
    await using named = await findRabbitmq({ BROKER_URL_RABBITMQ: url });
    expect(named?.url).toBe(url);
  });

  test('fails when the one that the environment names does not answer', async () => {
    const url = `amqp://127.0.0.1:${await freePort()}`;
    await expect(findRabbitmq({ BROKER_URL_RABBITMQ: url })).rejects.toThrow('Nothing answers at BROKER_URL_RABBITMQ');
  });
});
