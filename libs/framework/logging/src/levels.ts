import { ServiceError } from '@org/errors';
import { levelNames, type Level } from './logger.ts';

/** The rank from which on lines are written: shared by all loggers of one name, so that they change together. */
export interface Threshold {
  rank: number;
}

/** The levels of all loggers, by name, while the service runs. */
export interface Levels {
  /** The threshold of a name, which is known from then on; beyond 500 names, the one that unnamed loggers have. */
  threshold(name?: string): Threshold;
  level(name?: string): Level;
  /** Sets a level, for a time or for good; the return after a time is told to `onReturn`. */
  set(level: Level, name?: string, forMs?: number): void;
  all(): Record<string, Level>;
  /** Ends the timers: what was set for a time stays. */
  close(): void;
}

/** Told that a level which was set for a time is what it was before. */
export type OnReturn = (level: Level, name: string | undefined) => void;

const maximumNames = 500;
// The longest that a timer can wait: setTimeout keeps its delay in a signed integer of 32 bits.
const longestMs = 2 ** 31 - 1;

interface Setting extends Threshold {
  /** Whether the name has a level of its own, or follows that of all. */
  alone: boolean;
  /** What returns after a time. */
  former?: { readonly rank: number; readonly alone: boolean; readonly timer: NodeJS.Timeout } | undefined;
}

/** The place of a level in the order of levels. */
export function rankOf(level: Level): number {
  return levelNames.indexOf(level);
}

/** Makes the levels of one service: every name follows `initial` until it is set alone. */
export function createLevels(initial: Level, onReturn: OnReturn = () => undefined): Levels {
  const common: Setting = { rank: checkedRank(initial), alone: true };
  const named = new Map<string, Setting>();

  function find(name: string | undefined): Setting {
    if (name === undefined) return common;
    const found = named.get(name);
    if (!found) throw unknownName(name, [...named.keys()]);
    return found;
  }

  function apply(setting: Setting, { rank, alone }: { rank: number; alone: boolean }): void {
    setting.alone = alone;
    setting.rank = alone ? rank : common.rank;
    if (setting !== common) return;
    for (const other of named.values()) if (!other.alone) other.rank = rank;
  }

  function giveBack(setting: Setting, name: string | undefined): void {
    const { former } = setting;
    if (!former) return;
    setting.former = undefined;
    apply(setting, former);
    onReturn(levelNames[setting.rank] as Level, name);
  }

  return {
    threshold(name) {
      if (name === undefined) return common;
      let found = named.get(name);
      if (!found) {
        if (named.size >= maximumNames) return common;
        found = { rank: common.rank, alone: false };
        named.set(name, found);
      }
      return found;
    },
    level: (name) => levelNames[find(name).rank] as Level,
    set(level, name, forMs) {
      const rank = checkedRank(level);
      if (forMs !== undefined && !(forMs >= 1 && forMs <= longestMs)) {
        throw new RangeError(`Expected \`forMs\` to be from 1 to ${longestMs}, got \`${forMs}\``);
      }
      const setting = find(name);
      // Whoever sets a level for a time while another one is set for a time wants what was before both.
      const { rank: formerRank, alone } = setting.former ?? setting;
      clearTimeout(setting.former?.timer);
      setting.former =
        forMs === undefined
          ? undefined
          : { rank: formerRank, alone, timer: setTimeout(giveBack, forMs, setting, name).unref() };
      apply(setting, { rank, alone: true });
    },
    all: () => Object.fromEntries([...named].map(([name, { rank }]) => [name, levelNames[rank] as Level])),
    close() {
      for (const setting of [common, ...named.values()]) clearTimeout(setting.former?.timer);
    },
  };
}

function checkedRank(level: Level): number {
  const rank = rankOf(level);
  if (rank < 0) throw new TypeError(`Expected \`level\` to be one of ${levelNames.join(', ')}, got \`${level}\``);
  return rank;
}

function unknownName(name: string, known: readonly string[]): ServiceError {
  const names = known.length === 0 ? 'there are none with a name yet' : `known are ${known.join(', ')}`;
  return new ServiceError('not_found', `Cannot set or tell the level of the logger \`${name}\`: ${names}`, {
    reason: 'LOGGER_UNKNOWN',
  });
}
