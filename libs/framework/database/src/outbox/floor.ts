import type { Waiting } from './batch.ts';

/** Positions may become visible in another order than they were given in. This many below the last ones are looked at again. */
const margin = 1_000;
/** How much of the time may go into looks at everything. */
const share = 0.05;

/** Where a look begins. */
export interface Floor {
  readonly next: () => number;
  /** Told of each look, and how long it took, in milliseconds. */
  readonly looked: (from: number, messages: readonly Waiting[], tookMs: number) => void;
}

/**
 * What was deleted stays in index and table until nobody's transaction may see it any more: as long as one stays open, a look
 * from the beginning goes through all that was delivered since. So most of them begin where the last one did, and one now and
 * then finds what that leaves out: messages that wait after a failure, and those whose transactions took long.
 */
export function createFloor(everyMs: number): Floor {
  let first = 0;
  let allAt = 0;
  return {
    next: () => (performance.now() < allAt ? Math.max(0, first - margin) : 0),
    looked(from, [oldest], tookMs) {
      if (oldest) first = Number(oldest.position);
      if (from === 0) allAt = performance.now() + Math.max(everyMs, tookMs / share);
    },
  };
}
