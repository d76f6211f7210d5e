import type { DeadLetter, Selection } from '../dead-letter.ts';
import type { Subscription, Transport } from '../transport.ts';

/** The dead letters of several subscriptions as one. */
export interface DeadLetters {
  list(selection: Selection, signal: AbortSignal): Promise<readonly DeadLetter[]>;
  redrive(selection: Selection, signal: AbortSignal): Promise<number>;
  remove(selection: Selection, signal: AbortSignal): Promise<number>;
}

export function deadLettersOf(transport: Transport, subscriptions: () => Iterable<Subscription>): DeadLetters {
  const stores = () => [...subscriptions()].map((subscription) => transport.deadLetters(subscription));
  const each = async (act: 'redrive' | 'remove', selection: Selection, signal: AbortSignal) => {
    let count = 0;
    for (const store of stores()) {
      if (count >= selection.limit) break;
      count += await store[act]({ ...selection, limit: selection.limit - count }, signal);
    }
    return count;
  };
  return {
    async list(selection, signal) {
      const lists = await Promise.all(stores().map((store) => store.list(selection, signal)));
      const oldestFirst = lists.flat().sort((one, other) => one.failure.lastAt.localeCompare(other.failure.lastAt));
      return oldestFirst.slice(0, selection.limit);
    },
    redrive: (selection, signal) => each('redrive', selection, signal),
    remove: (selection, signal) => each('remove', selection, signal),
  };
}
