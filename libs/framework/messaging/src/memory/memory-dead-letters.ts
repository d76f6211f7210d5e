import type { DeadLetterStore, Selection } from '../dead-letter.ts';
import type { DeadEntry, MemoryQueue } from './memory-queue.ts';

/** The dead letters of a queue in memory, which need not be there yet. */
export function memoryDeadLetters(find: () => MemoryQueue | undefined): DeadLetterStore {
  const selected = (selection: Selection, signal: AbortSignal): DeadEntry[] => {
    signal.throwIfAborted();
    const entries: DeadEntry[] = [];
    for (const entry of find()?.dead ?? []) {
      if (entries.length >= selection.limit) break;
      if (selection.matches(entry.letter)) entries.push(entry);
    }
    return entries;
  };
  const each = async (selection: Selection, signal: AbortSignal, act: (entry: DeadEntry) => boolean) => {
    let count = 0;
    for (const entry of selected(selection, signal)) {
      await selection.before?.(entry.letter);
      signal.throwIfAborted();
      if (act(entry)) count += 1;
    }
    return count;
  };
  return {
    list: async (selection, signal) => selected(selection, signal).map(({ letter }) => letter),
    redrive: (selection, signal) => each(selection, signal, (entry) => find()?.redrive(entry) ?? false),
    remove: (selection, signal) => each(selection, signal, (entry) => find()?.remove(entry) ?? false),
    async size(signal) {
      signal.throwIfAborted();
      const [oldest] = find()?.dead ?? [];
      return { count: find()?.dead.size ?? 0, oldestAt: oldest?.deadAt };
    },
  };
}
