import { createRotatingSecret, type Credentials } from '@org/config';
import { collectLogger, waitFor } from '@org/testing';
import { sql } from 'drizzle-orm';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { open, withClient, type Opened } from '../test-fixtures/databases.ts';
import * as models from '../test-fixtures/models.ts';
import { useOwnServer } from '../test-fixtures/server.ts';

const { orders } = models;

const server = useOwnServer(async (database) => {
  await database.execute(sql`CREATE ROLE worker NOLOGIN`);
  await database.execute(sql`GRANT ALL ON ALL TABLES IN SCHEMA public TO worker`);
});

let number = 0;
/** A user that nobody has had before. It exists once it is made. */
function newUser() {
  const credentials = { username: `user_${(number += 1)}`, password: crypto.randomUUID() };
  const { username, password } = credentials;
  const run = (statement: string) => withClient(server.url, (client) => client.query(statement));
  return {
    credentials,
    make: () => run(`CREATE ROLE ${username} LOGIN PASSWORD '${password}' IN ROLE worker`),
    drop: () => run(`DROP ROLE ${username}`),
    connections: () =>
      withClient(server.url, async (client) => {
        const text = 'SELECT count(*)::int AS count FROM pg_stat_activity WHERE usename = $1';
        return (await client.query<{ count: number }>(text, [username])).rows[0]?.count;
      }),
  };
}
async function madeUser() {
  const user = newUser();
  await user.make();
  return user;
}

const openAs = (credentials: ReturnType<typeof createRotatingSecret<Credentials>>, logger = collectLogger()) => {
  const without = new URL(server.url);
  [without.username, without.password] = ['', ''];
  return open(without.href, { settings: { credentials: credentials.secret }, logger });
};
const userOf = async (database: Opened) =>
  (await database.execute<{ name: string }>(sql`SELECT session_user::text AS name`)).rows[0]?.name;
const becomes = (database: Opened, { credentials }: { credentials: Credentials }) =>
  waitFor(async () => (await userOf(database)) === credentials.username, { what: credentials.username });

test('a transaction ends with the user it began with, others have the next one at once, and nobody is left of the last', async () => {
  const [first, second] = [await madeUser(), await madeUser()];
  const rotating = createRotatingSecret<Credentials>(first.credentials);
  await using database = await openAs(rotating);
  const going = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const transaction = database.transaction(async () => {
    await database.insert(orders).values({ total: 1 });
    begun.resolve();
    await going.promise;
    await database.insert(orders).values({ total: 2 });
    return userOf(database);
  });
  await begun.promise;
  rotating.rotate(second.credentials);
  await becomes(database, second);
  await waitFor(async () => (await first.connections()) === 1, { what: 'the transaction to be alone' });
  going.resolve();
  expect(await transaction).toBe(first.credentials.username);
  await waitFor(async () => (await first.connections()) === 0, { what: 'the last connection of the last user' });
  await first.drop();
  expect(await database.$count(orders)).toBe(2);
  expect(await userOf(database)).toBe(second.credentials.username);
});

test('statements under way while credentials change again and again are all answered', async () => {
  const users = await Promise.all(Array.from({ length: 6 }, madeUser));
  const rotating = createRotatingSecret<Credentials>(users[0]!.credentials);
  await using database = await openAs(rotating);
  let stopped = false;
  const seen = new Set<string | undefined>();
  const workers = Promise.all(
    Array.from({ length: 20 }, async () => {
      while (!stopped) seen.add(await userOf(database));
    }),
  );
  for (const [index, next] of users.slice(1).entries()) {
    const last = users[index]!;
    rotating.rotate(next.credentials);
    await becomes(database, next);
    await waitFor(async () => (await last.connections()) === 0, { what: 'nobody to be left' });
    await last.drop();
  }
  stopped = true;
  await workers;
  expect([...seen]).toEqual(users.map(({ credentials }) => credentials.username));
});

test('credentials that the server refuses leave the last ones in use, are told once, and are taken once it takes them', async () => {
  const [first, second] = [await madeUser(), newUser()];
  const rotating = createRotatingSecret<Credentials>(first.credentials);
  const logger = collectLogger();
  await using database = await openAs(rotating, logger);
  rotating.rotate(second.credentials);
  const warnings = () => logger.lines.filter(({ level }) => level === 'warn');
  await waitFor(() => warnings().length > 0, { what: 'the warning' });
  expect(warnings()[0]).toMatchObject({
    fields: { code: expect.stringMatching(/^28/) },
    message: expect.stringContaining('stay in use'),
  });
  expect(JSON.stringify(logger.lines)).not.toContain(second.credentials.password);
  expect(await userOf(database)).toBe(first.credentials.username);
  await second.make();
  await becomes(database, second);
  expect(warnings()).toHaveLength(1);
});

test('of several changes at once the last counts, and a close amid them leaves no connection', async () => {
  const users = await Promise.all(Array.from({ length: 4 }, madeUser));
  const rotating = createRotatingSecret<Credentials>(users[0]!.credentials);
  {
    await using database = await openAs(rotating);
    for (const { credentials } of users.slice(1)) rotating.rotate(credentials);
    await becomes(database, users[3]!);
    for (const { credentials } of users) rotating.rotate(credentials);
  }
  for (const user of users) {
    await waitFor(async () => (await user.connections()) === 0, { what: 'connections to close' });
  }
});

test('a close while credentials are tried, whenever it comes, is the end of it', async () => {
  const user = await madeUser();
  for (const delayMs of [0, 2, 5, 10, 20, 40]) {
    const rotating = createRotatingSecret<Credentials>(user.credentials);
    await using database = await openAs(rotating);
    expect(await userOf(database)).toBe(user.credentials.username);
    rotating.rotate(newUser().credentials);
    await setTimeout(delayMs);
  }
});
