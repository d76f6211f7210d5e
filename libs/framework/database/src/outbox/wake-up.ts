import { pause } from '@org/context';
import type { DatabaseCore } from '../core.ts';

/** How long the pauses are between two notifications at least, in milliseconds. */
const betweenMs = 10;

/** The channel on which relays of other processes listen. */
export const channel = 'outbox';

/** Tells relays that something is in the outbox. */
export interface WakeUp {
  /** Called after each commit. */
  readonly tell: () => void;
  /** Has a relay of this process told. Gives what ends it. */
  add(relay: () => void): () => void;
}

/**
 * A relay of this process is told directly, and those of others only where there is none: each of them looks for itself, but
 * only one need do so soon. They are told after the commit: a `NOTIFY` within has all commits wait for each other.
 */
export function createWakeUp({ background, openAside }: Pick<DatabaseCore, 'background' | 'openAside'>): WakeUp {
  const relays = new Set<() => void>();
  let wanted = false;
  let notifying = false;
  const notify = async () => {
    notifying = true;
    while (wanted) {
      wanted = false;
      // Relays look now and then in any case.
      await background({ text: `SELECT pg_notify('${channel}', '')`, values: [] }).catch(() => {});
      await pause(betweenMs, AbortSignal.timeout(betweenMs));
    }
    notifying = false;
  };
  return {
    tell() {
      for (const relay of relays) relay();
      if (relays.size > 0 || !openAside) return;
      wanted = true;
      if (!notifying) void notify();
    },
    add(relay) {
      relays.add(relay);
      return () => void relays.delete(relay);
    },
  };
}
