import type { RabbitmqServer } from '@org/testing';

/** A user and its password, each made in the server itself. */
export interface Generation {
  readonly username: string;
  readonly password: string;
}

/** A server whose users come and go. */
export interface Rotated {
  make(generation: Generation): Promise<void>;
  /** Whether the service has connections of this one, and none of others. */
  isTaken(generation: Generation): Promise<boolean>;
  /** Deletes the user, and ends what it still has open. Gives how many connections that were. */
  drop(generation: Generation): Promise<number>;
  /** How many connections of each user were seen. */
  opened(): Readonly<Record<string, number>>;
}

/** Runs a statement as the operator. */
export type Ask = (text: string) => Promise<readonly Record<string, unknown>[]>;

/** Who owns the tables: each generation is a member of it, and works as it from the login on. */
const owner = 'orders_owner';

export async function rotatedPostgres(ask: Ask): Promise<Rotated> {
  await ask(`CREATE ROLE ${owner} NOLOGIN`);
  await ask(`GRANT CREATE ON SCHEMA public TO ${owner}`);
  const seen = new Map<unknown, string>();
  const usersNow = async () => {
    const sessions = await ask(
      `SELECT pid, usename::text AS user FROM pg_stat_activity WHERE application_name = 'example-service'`,
    );
    for (const { pid, user } of sessions) seen.set(pid, String(user));
    return sessions.map(({ user }) => user);
  };
  return {
    async make({ username, password }) {
      await ask(`CREATE ROLE ${username} LOGIN PASSWORD '${password}' IN ROLE ${owner}`);
      // Whatever one generation makes is the owner's, and is there for the next.
      await ask(`ALTER ROLE ${username} SET role = '${owner}'`);
    },
    async isTaken({ username }) {
      const users = await usersNow();
      return users.length > 0 && users.every((user) => user === username);
    },
    async drop({ username }) {
      await ask(`ALTER ROLE ${username} NOLOGIN`);
      const ended = await ask(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${username}'`);
      await ask(`DROP ROLE ${username}`);
      return ended.length;
    },
    opened: () => countBy(seen.values()),
  };
}

export function rotatedRabbitmq({ operator }: RabbitmqServer): Rotated {
  const seen = new Map<string, string>();
  const connections = async () => {
    const ours = (await operator.connections()).filter(({ user }) => /^orders_\d+$/.test(user));
    for (const { name, user } of ours) seen.set(name, user);
    return ours;
  };
  return {
    make: operator.putUser,
    async isTaken({ username }) {
      const open = await connections();
      // One publishes and one consumes.
      return open.length === 2 && open.every(({ user }) => user === username);
    },
    async drop({ username }) {
      const open = (await connections()).filter(({ user }) => user === username);
      await operator.deleteUser(username);
      for (const { name } of open) await operator.endConnection(name);
      return open.length;
    },
    opened: () => countBy(seen.values()),
  };
}

function countBy(users: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const user of users) counts[user] = (counts[user] ?? 0) + 1;
  return counts;
}
