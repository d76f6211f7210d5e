import { pause } from '@org/context';
import { ServiceError, isCode } from '@org/errors';
import type { DeadLetter, Selection } from '../dead-letter.ts';

/** Which dead letters are meant, in the words of a command line, a query or a body. All that are given must hold. */
export interface Filter {
  readonly id?: string;
  readonly code?: string;
  readonly reason?: string;
  /** Set aside before this moment (ISO 8601). */
  readonly before?: string;
  /** Set aside at this moment or later (ISO 8601). */
  readonly after?: string;
  /** The name of a subscription. */
  readonly subscription?: string;
}

const names = ['id', 'code', 'reason', 'before', 'after', 'subscription'] as const;

/** How many are meant where nothing else is said, and at most. */
export const usualLimit = 100;
export const highestLimit = 100_000;

/**
 * Reads a filter, and what else is said of a selection.
 *
 * @throws {ServiceError} invalid_argument, without a reason, for words that are none.
 */
export function readSelection(
  given: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): { filter: Filter; selection: Selection } {
  const { limit, rate, ...words } = given;
  const unknown = Object.keys(words).find((name) => !(names as readonly string[]).includes(name));
  if (unknown !== undefined) throw misuse(`\`${unknown}\` is none of ${[...names, 'limit', 'rate'].join(', ')}`);
  for (const [name, value] of Object.entries(words)) {
    if (typeof value !== 'string' || value === '') throw misuse(`\`${name}\` has no value`);
  }
  const filter = words as Filter;
  if (filter.code !== undefined && !isCode(filter.code)) throw misuse(`\`${filter.code}\` is no code of an error`);
  for (const moment of [filter.before, filter.after]) {
    if (moment !== undefined && Number.isNaN(Date.parse(moment))) throw misuse(`\`${moment}\` is no moment`);
  }
  const perSecond = readNumber('rate', rate, 100_000);
  return {
    filter,
    selection: {
      limit: readNumber('limit', limit, highestLimit) ?? usualLimit,
      matches: (letter) => matches(filter, letter),
      ...(perSecond !== undefined && { before: () => pause(1_000 / perSecond, signal) }),
    },
  };
}

function matches({ id, code, reason, before, after, subscription }: Filter, letter: DeadLetter): boolean {
  const { failure } = letter;
  const at = Date.parse(failure.lastAt);
  return (
    (id === undefined || letter.id === id) &&
    (code === undefined || failure.code === code) &&
    (reason === undefined || failure.reason === reason) &&
    (before === undefined || at < Date.parse(before)) &&
    (after === undefined || at >= Date.parse(after)) &&
    (subscription === undefined || letter.subscription === subscription)
  );
}

function readNumber(name: string, value: unknown, max: number): number | undefined {
  if (value === undefined) return undefined;
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (Number.isSafeInteger(number) && (number as number) >= 1 && (number as number) <= max) return number as number;
  throw misuse(`\`${name}\` is no whole number from 1 to ${max}`);
}

/** A word that is none: a command prints it with its usage. */
export function misuse(message: string): ServiceError {
  return new ServiceError('invalid_argument', `Cannot select dead letters: ${message}`);
}
