import { describe, expect, test } from 'vitest';
import { freePort } from './free-port.ts';
import { findNats, natsRequirement, startNats } from './nats.ts';
import { findPostgres, postgresRequirement, startPostgres } from './postgres.ts';
import { findRabbitmq, rabbitmqRequirement, startRabbitmq } from './rabbitmq.ts';
import { rawRequest } from './raw-request.ts';
import { skipUnless } from './skip-unless.ts';
import { openTcpProxy } from './tcp-proxy.ts';
import { waitFor } from './wait-for.ts';

const servers = [
  {
    name: 'RabbitMQ',
    start: startRabbitmq,
    find: findRabbitmq,
    requirement: rabbitmqRequirement,
    variable: 'BROKER_URL_RABBITMQ',
    protocol: 'amqp:',
    usualPort: 5672,
    // "AMQP", and the version 0-9-1.
    greeting: Uint8Array.of(65, 77, 81, 80, 0, 0, 9, 1),
  },
  {
    name: 'NATS',
    start: startNats,
    find: findNats,
    requirement: natsRequirement,
    variable: 'BROKER_URL_NATS',
    protocol: 'nats:',
    usualPort: 4222,
    greeting: '',
  },
  {
    name: 'PostgreSQL',
    start: startPostgres,
    find: findPostgres,
    requirement: postgresRequirement,
    variable: 'TEST_DATABASE_URL',
    protocol: 'postgres:',
    usualPort: 5432,
    // A request for TLS, which it takes or not.
    greeting: Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47),
  },
];

describe.each(servers)('$name', ({ start, find, requirement, variable, protocol, usualPort, greeting }) => {
  const greet = async (port: number) => (await rawRequest(port, greeting, { timeoutMs: 1_000, until: /./s })).end;

  test('of its own is killed, started again where it was, frozen and thawed, and gone in the end', async (context) => {
    let port: number;
    {
      await using server = await start();
      skipUnless(context, server !== undefined, requirement);
      port = server.port;
      await server.kill();
      expect(await greet(port)).toBe('refused');
      await server.restart();
      expect(await greet(port)).toBe('matched');
      await server.freeze();
      expect(await greet(port)).toBe('timeout');
      await server.thaw();
      await waitFor(async () => (await greet(port)) === 'matched', { what: 'a server that goes on' });
      await server.freeze();
    }
    expect(await greet(port)).toBe('refused');
  }, 360_000);

  test('is found where the environment names one', async (context) => {
    await using found = await find();
    skipUnless(context, found !== undefined, requirement);
    const { hostname, port } = new URL(found.url);
    await using proxy = await openTcpProxy({ target: { host: hostname, port: Number(port || usualPort) } });
    const url = `${protocol}//user:password@127.0.0.1:${proxy.port}`;
    await using named = await find({ [variable]: url });
    expect(named?.url).toBe(url);
  }, 90_000);

  test('is missed where the environment names one that does not answer', async () => {
    const url = `${protocol}//127.0.0.1:${await freePort()}`;
    await expect(find({ [variable]: url })).rejects.toThrow(`Nothing answers at ${variable}, 127.0.0.1:`);
  });
});

test('NATS says why it cannot start', async (context) => {
  await using server = await startNats();
  skipUnless(context, server !== undefined, natsRequirement);
  await expect(startNats({ configuration: 'jetstream: nonsense' })).rejects.toThrow(/nats-server.*nonsense/s);
});
