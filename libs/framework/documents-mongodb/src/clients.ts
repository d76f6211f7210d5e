import type { MongoClient } from 'mongodb';

/** A client while somebody uses it. */
export interface Held {
  readonly client: MongoClient;
  release(): void;
}

/** The client now in force, and those before it until nobody uses them any more. */
export interface Clients extends AsyncDisposable {
  hold(): Held;
  /** Puts another client in force, such as one with newer credentials. */
  replace(): void;
}

interface Entry {
  readonly client: MongoClient;
  users: number;
}

/** @param make Makes a client, which connects when it is used. */
export function createClients(make: () => MongoClient): Clients {
  const closing = new Set<Promise<void>>();
  const entryOf = (): Entry => ({ client: make(), users: 0 });
  let current = entryOf();
  const close = ({ client }: Entry) => {
    const closed = client.close().catch(() => {});
    closing.add(closed);
    void closed.then(() => closing.delete(closed));
  };
  const retired = new Set<Entry>();
  return {
    hold() {
      const entry = current;
      entry.users += 1;
      let held = true;
      return {
        client: entry.client,
        release() {
          if (!held) return;
          held = false;
          entry.users -= 1;
          if (entry.users === 0 && retired.delete(entry)) close(entry);
        },
      };
    },
    replace() {
      const old = current;
      current = entryOf();
      if (old.users === 0) close(old);
      else retired.add(old);
    },
    async [Symbol.asyncDispose]() {
      for (const entry of [current, ...retired]) close(entry);
      retired.clear();
      await Promise.all(closing);
    },
  };
}
