import { setTimeout } from 'node:timers/promises';
import { createRotatingSecret, type Credentials } from '@org/config';
import { rabbitmqRequirement, skipUnless, startRabbitmq, waitFor, type RabbitmqServer } from '@org/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { allHandled, createWorld } from './world.ts';

let server: RabbitmqServer | undefined;
beforeAll(async () => {
  server = await startRabbitmq({ management: true });
}, 180_000);
afterAll(() => server?.[Symbol.asyncDispose]());
beforeEach((context) => skipUnless(context, server !== undefined, rabbitmqRequirement));

/** How many connections a user has. */
const connectionsOf = async ({ username }: Credentials) =>
  (await server!.operator.connections()).filter(({ user }) => user === username).length;

const userOf = (username: string): Credentials => ({ username, password: `of-${username}` });

/** Two users, of whom the first is known to the broker, and a service that works as the one whose credentials were given last. */
async function openService(first: string, second: string) {
  await using stack = new AsyncDisposableStack();
  const [before, after] = [userOf(first), userOf(second)];
  await server!.operator.putUser(before);
  const world = stack.use(createWorld());
  const { secret: credentials, rotate } = createRotatingSecret<Credentials>(before);
  const broker = await world.broker({ url: server!.url, credentials });
  await world.consume(broker);
  const owned = stack.move();
  return { world, broker, before, after, rotate, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test(
  'when credentials change under load, nothing is sent in vain, nothing is lost, and nobody is left of the last user',
  { timeout: 60_000 },
  async () => {
    await using service = await openService('first', 'second');
    const { world, broker, before, after, rotate } = service;
    await server!.operator.putUser(after);
    let [sent, stopped] = [0, false];
    const publishers = Promise.all(
      Array.from({ length: 20 }, async () => {
        while (!stopped) await world.publishSurely(broker, (sent += 1));
      }),
    );
    await waitFor(() => world.handled.size > 500, { what: 'messages to be handled' });
    rotate(after);
    await waitFor(async () => (await connectionsOf(after)) === 2 && (await connectionsOf(before)) === 0, {
      what: 'the next user to have taken the place of the last',
    });
    await server!.operator.deleteUser(before.username);
    const handled = world.handled.size;
    await waitFor(() => world.handled.size > handled + 500, { what: 'more messages to be handled' });
    stopped = true;
    await publishers;
    await allHandled(world, sent);
    expect(world.inVain().times).toBe(0);
    expect(world.duplicates()).toBe(0);
    expect(world.logger.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  },
);

test(
  'credentials that the broker refuses leave the connection as it is, are told once, and are taken once it takes them',
  { timeout: 60_000 },
  async () => {
    await using service = await openService('known', 'refused');
    const { world, broker, after, rotate } = service;
    await server!.operator.putUser({ ...after, password: 'another' });
    rotate(after);
    const warnings = () => world.logger.lines.filter(({ level }) => level === 'warn');
    // One connection sends, and the other receives.
    await waitFor(() => warnings().length === 2, { what: 'the warnings' });
    expect(warnings()[0]!.message).toContain('the last ones stay');
    await world.publishSurely(broker, 1);
    await allHandled(world, 1);
    await server!.operator.putUser(after);
    await waitFor(async () => (await connectionsOf(after)) === 2, { what: 'the next user' });
    await world.publishSurely(broker, 2);
    await allHandled(world, 2);
    expect(world.inVain().times).toBe(0);
    expect(warnings()).toHaveLength(2);
    expect(JSON.stringify(world.logger.lines)).not.toContain(after.password);
  },
);

test('a close amid a change of credentials, whenever it comes, leaves no connection and nothing to tell', async () => {
  for (const delayMs of [0, 2, 5, 10, 20, 40]) {
    const service = await openService(`leaves_${delayMs}`, `comes_${delayMs}`);
    const { world, broker, after, rotate } = service;
    await server!.operator.putUser(after);
    const published = Promise.allSettled([broker.publish(world.happened, { number: 1 })]);
    rotate(after);
    await setTimeout(delayMs);
    await service[Symbol.asyncDispose]();
    const [outcome] = await published;
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'unavailable' });
    expect(world.logger.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  }
  await waitFor(async () => (await server!.operator.connections()).length === 0, { what: 'connections to end' });
});
