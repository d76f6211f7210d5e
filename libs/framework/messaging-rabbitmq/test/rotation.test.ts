import { createRotatingSecret, type Credentials } from '@org/config';
import { rabbitmqRequirement, skipUnless, startRabbitmq, waitFor, type RabbitmqServer } from '@org/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { allHandled, createWorld } from './world.ts';

let server: RabbitmqServer | undefined;
beforeAll(async () => {
  server = await startRabbitmq();
}, 120_000);
afterAll(() => server?.[Symbol.asyncDispose]());
beforeEach((context) => skipUnless(context, server !== undefined, rabbitmqRequirement));

const make = async ({ username, password }: Credentials) => {
  await server!.control('add_user', username, password);
  await server!.control('set_permissions', username, '.*', '.*', '.*');
};
/** How many connections each user has. */
const connections = async () => {
  const users = (await server!.control('--silent', 'list_connections', 'user')).split('\n').filter(Boolean);
  return users.reduce<Record<string, number>>((counts, user) => ({ ...counts, [user]: (counts[user] ?? 0) + 1 }), {});
};

test(
  'when credentials change under load, nothing is sent in vain, nothing is lost, and nobody is left of the last user',
  { timeout: 60_000 },
  async () => {
    await using world = createWorld();
    const [first, second] = ['first', 'second'].map((username) => ({ username, password: `of-${username}` }));
    await make(first!);
    await make(second!);
    const { secret: credentials, rotate } = createRotatingSecret<Credentials>(first!);
    const broker = await world.broker({ url: server!.url, credentials });
    await world.consume(broker);
    let [sent, inVain, stopped] = [0, 0, false];
    const publishers = Promise.all(
      Array.from({ length: 20 }, async () => {
        while (!stopped) inVain += await world.publishSurely(broker, (sent += 1));
      }),
    );
    await waitFor(() => world.handled.size > 500, { what: 'messages to be handled' });
    rotate(second!);
    await waitFor(
      async () => {
        const { first: left = 0, second: come = 0 } = await connections();
        return left === 0 && come === 2;
      },
      { what: 'the next user to have taken the place of the last', timeoutMs: 20_000 },
    );
    await server!.control('delete_user', 'first');
    const before = world.handled.size;
    await waitFor(() => world.handled.size > before + 500, { what: 'more messages to be handled' });
    stopped = true;
    await publishers;
    await allHandled(world, sent);
    expect(inVain).toBe(0);
    expect(world.duplicates()).toBe(0);
    expect(world.logger.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  },
);

test(
  'credentials that the broker refuses leave the connection as it is, are told once, and are taken once it takes them',
  { timeout: 60_000 },
  async () => {
    await using world = createWorld();
    const [known, unknown] = ['known', 'unknown'].map((username) => ({ username, password: `of-${username}` }));
    await make(known!);
    await make({ username: 'unknown', password: 'another' });
    const { secret: credentials, rotate } = createRotatingSecret<Credentials>(known!);
    const broker = await world.broker({ url: server!.url, credentials });
    await world.consume(broker);
    rotate(unknown!);
    const warnings = () => world.logger.lines.filter(({ level }) => level === 'warn');
    // One connection sends, and the other receives.
    await waitFor(() => warnings().length === 2, { what: 'the warnings' });
    expect(warnings()[0]!.message).toContain('the last ones stay');
    expect(await world.publishSurely(broker, 1)).toBe(0);
    await allHandled(world, 1);
    await server!.control('change_password', 'unknown', unknown!.password);
    await waitFor(async () => (await connections()).unknown === 2, { what: 'the next user', timeoutMs: 20_000 });
    expect(await world.publishSurely(broker, 2)).toBe(0);
    await allHandled(world, 2);
    expect(warnings()).toHaveLength(2);
    expect(JSON.stringify(world.logger.lines)).not.toContain(unknown!.password);
  },
);
