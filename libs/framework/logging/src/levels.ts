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
  set(level: Level, name?: string): void;
  all(): Record<string, Level>;
}

const maximumNames = 500;

/** The place of a level in the order of levels. */
export function rankOf(level: Level): number {
  return levelNames.indexOf(level);
}

/** Makes the levels of one service: every name follows `initial` until it is set alone. */
export function createLevels(initial: Level): Levels {
  const common: Threshold = { rank: rankOf(initial) };
  const named = new Map<string, Threshold & { alone: boolean }>();

  function find(name: string | undefined): Threshold {
    if (name === undefined) return common;
    const found = named.get(name);
    if (!found) throw unknownName(name, [...named.keys()]);
    return found;
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
    set(level, name) {
      const rank = rankOf(level);
      if (rank < 0) throw new TypeError(`Expected \`level\` to be one of ${levelNames.join(', ')}, got \`${level}\``);
      Object.assign(find(name), name === undefined ? { rank } : { rank, alone: true });
      if (name !== undefined) return;
      for (const threshold of named.values()) if (!threshold.alone) threshold.rank = rank;
    },
    all: () => Object.fromEntries([...named].map(([name, { rank }]) => [name, levelNames[rank] as Level])),
  };
}

function unknownName(name: string, known: readonly string[]): ServiceError {
  const names = known.length === 0 ? 'there are none with a name yet' : `known are ${known.join(', ')}`;
  return new ServiceError('not_found', `Cannot set or tell the level of the logger \`${name}\`: ${names}`, {
    reason: 'LOGGER_UNKNOWN',
  });
}
