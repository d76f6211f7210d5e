import { toServiceError } from '@org/errors';
import { setTimeout as delay } from 'node:timers/promises';

/** What the broker has confirmed and what was handled, by a key of each message. */
export interface Ledger<Key> {
  readonly confirmed: ReadonlySet<Key>;
  /** How often each was handled. */
  readonly handled: ReadonlyMap<Key, number>;
  /** For a handler to say what it has. */
  handle(key: Key): void;
  /**
   * Publishes again and again until the broker has confirmed it, as an outbox does.
   *
   * @throws what cannot go well the next time.
   */
  publish(key: Key, publish: () => Promise<unknown>): Promise<void>;
  /** How often that was in vain, and how often of these the broker may have the message nevertheless. */
  inVain(): { readonly times: number; readonly perhapsDelivered: number };
  /** How many were confirmed and not handled yet. */
  missing(): number;
  /** How often something was handled that had been handled before. */
  duplicates(): number;
}

export function createLedger<Key>(): Ledger<Key> {
  const confirmed = new Set<Key>();
  const handled = new Map<Key, number>();
  let [times, perhapsDelivered] = [0, 0];
  return {
    confirmed,
    handled,
    handle: (key) => void handled.set(key, (handled.get(key) ?? 0) + 1),
    async publish(key, publish) {
      for (;;) {
        try {
          await publish();
          confirmed.add(key);
          return;
        } catch (error) {
          const { code, reason, details } = toServiceError(error);
          // A broker that is away, or has lost the queues, has them again soon.
          if (code !== 'unavailable' && reason !== 'MESSAGE_UNROUTABLE') throw error;
          times += 1;
          if (details?.delivered !== 'no') perhapsDelivered += 1;
          // A broker that is away would be asked as fast as this machine can.
          await delay(20);
        }
      }
    },
    inVain: () => ({ times, perhapsDelivered }),
    missing: () => [...confirmed].filter((key) => !handled.has(key)).length,
    duplicates: () => [...handled.values()].reduce((sum, times) => sum + times - 1, 0),
  };
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
