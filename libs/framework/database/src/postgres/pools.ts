import type { Secret } from '@org/config';
import { pause } from '@org/context';
import type { Runtime } from '@org/runtime';
import type pg from 'pg';
import type { AtHand } from './at-hand.ts';

/** The connections of one user and password. */
export interface Generation {
  readonly pool: pg.Pool;
  readonly atHand: AtHand;
}

/** One pool after another: each is for the user and password that were in force when it came. */
export interface Pools {
  readonly current: Generation;
  /** How many connections stand open in all of them. */
  count(): number;
  /** Ends all of them, also connections in use. */
  end(): Promise<void>;
}

/** The bounds of the pauses before other credentials are tried again, in milliseconds. */
const [firstDelayMs, longestMs] = [250, 5_000];
/** How often it is looked whether somebody still waits for a connection of a pool that is to end, in milliseconds. */
const lookMs = 10;

/**
 * When a secret changes, a connection is made with what is then in force, and its pool takes the place of the one before. That
 * one ends its idle connections at once, and each of the others when it is given back: whoever drops the older user soon after
 * finds nobody at work with it. While the server refuses the newer one, connections that there are stay in use.
 *
 * @param open Makes a pool whose connections have the credentials that are in force when they are made.
 */
export function createPools(
  open: () => Generation,
  secrets: readonly (Secret<unknown> | undefined)[],
  logger: Runtime['logger'],
): Pools {
  const closing = new AbortController();
  const generations = new Set<Generation>();
  const endings = new WeakMap<Generation, Promise<void>>();
  const make = () => {
    const generation = open();
    generations.add(generation);
    return generation;
  };
  /** A pool can be told to end once, and a close meets those that were told before. */
  const end = (generation: Generation) => {
    const ending = endings.get(generation) ?? generation.pool.end().finally(() => generations.delete(generation));
    endings.set(generation, ending);
    return ending;
  };
  let current = make();
  let [wanted, used] = [0, 0];
  let isMoving = false;

  const retire = async (generation: Generation) => {
    // A pool that ends forgets those who wait for it; nobody new comes.
    do {
      generation.atHand.letGo();
      await pause(lookMs, closing.signal);
    } while (generation.pool.waitingCount > 0 && !closing.signal.aborted);
    await end(generation);
  };
  const move = async () => {
    if (isMoving) return;
    isMoving = true;
    for (let failures = 0; used !== wanted && !closing.signal.aborted;) {
      const asked = wanted;
      const next = make();
      try {
        (await next.atHand.connect()).release('keep');
        const former = current;
        [current, used, failures] = [next, asked, 0];
        void retire(former);
      } catch (error) {
        void end(next);
        const { code = (error as Error).message } = error as { code?: string };
        const message =
          'The database does not take the credentials that came; connections with the last ones stay in use. It is tried again';
        if (failures === 0 && !closing.signal.aborted) logger.warn({ code }, message);
        await pause(Math.min(longestMs, firstDelayMs * 2 ** failures), closing.signal);
        failures += 1;
      }
    }
    isMoving = false;
  };
  const forget = secrets.map((secret) =>
    secret?.onChange(
      () => {
        wanted += 1;
        void move();
      },
      () => {},
    ),
  );
  return {
    get current() {
      return current;
    },
    count: () => [...generations].reduce((sum, { pool }) => sum + pool.totalCount, 0),
    async end() {
      closing.abort();
      for (const each of forget) each?.();
      const ended = [...generations].map(end);
      for (const { atHand } of generations) atHand.endAll();
      await Promise.all(ended);
    },
  };
}
