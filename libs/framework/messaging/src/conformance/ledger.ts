import { setTimeout as delay } from 'node:timers/promises';

/** What the broker has confirmed and what was handled, by a key of each message. */
export interface Ledger<Key> {
  readonly confirmed: ReadonlySet<Key>;
  /** How often each was handled. */
  readonly handled: ReadonlyMap<Key, number>;
  /** For a handler to say what it has. */
  handle(key: Key): void;
  /**
   * Publishes again and again until the broker has confirmed it, as an outbox does. Gives how often that was in vain.
   *
   * @throws what cannot go well the next time.
   */
  publish(key: Key, publish: () => Promise<unknown>): Promise<number>;
  /** How many were confirmed and not handled yet. */
  missing(): number;
  /** How often something was handled that had been handled before. */
  duplicates(): number;
}

export function createLedger<Key>(): Ledger<Key> {
  const confirmed = new Set<Key>();
  const handled = new Map<Key, number>();
  return {
    confirmed,
    handled,
    handle: (key) => void handled.set(key, (handled.get(key) ?? 0) + 1),
    async publish(key, publish) {
      for (let inVain = 0; ; inVain += 1) {
        try {
          await publish();
          confirmed.add(key);
          return inVain;
        } catch (error) {
          if (!isPassing(error as { code?: string; reason?: string })) throw error;
          // A broker that is away would be asked as fast as this machine can.
          await delay(20);
        }
      }
    },
    missing: () => [...confirmed].filter((key) => !handled.has(key)).length,
    duplicates: () => [...handled.values()].reduce((sum, times) => sum + times - 1, 0),
  };
}

/** A broker that is away, or has lost the queues, has them again soon. */
function isPassing({ code, reason }: { code?: string; reason?: string }): boolean {
  return code === 'unavailable' || reason === 'MESSAGE_UNROUTABLE';
}

/** Works on the numbers from 1 to `count`, so many at a time. */
export async function each(
  count: number,
  concurrency: number,
  work: (number: number) => Promise<unknown>,
): Promise<void> {
  let number = 0;
  const worker = async () => {
    while (number < count) await work((number += 1));
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
