import { notation, type Schema } from './schema.ts';

/** The smallest and the largest value that is taken, in the notation of the value. */
export interface UnitLimits {
  readonly min?: string;
  readonly max?: string;
}

const durations = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const sizes = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

// The longest that a timer can wait: setTimeout keeps its delay in a signed integer of 32 bits.
const longestMs = 2 ** 31 - 1;

/**
 * A duration such as `250ms`, `5s`, `2m` or `1h`, in milliseconds. At most 2 147 483 647 ms, some 24 days.
 *
 * @throws {TypeError} when a limit is no duration.
 */
export function duration(limits: UnitLimits = {}): Schema<number> {
  return quantity('duration', 'a duration such as 250ms, 5s, 2m or 1h', durations, longestMs, limits);
}

/**
 * A size such as `512B`, `64KiB`, `1MiB` or `1GiB`, in bytes.
 *
 * @throws {TypeError} when a limit is no size.
 */
export function size(limits: UnitLimits = {}): Schema<number> {
  return quantity('size', 'a size such as 512B, 64KiB, 1MiB or 1GiB', sizes, Number.MAX_SAFE_INTEGER, limits);
}

function quantity(
  type: string,
  example: string,
  units: Readonly<Record<string, number>>,
  largest: number,
  { min, max }: UnitLimits,
): Schema<number> {
  const parse = (text: string): number | undefined => {
    const [, digits, unit = ''] = /^(0|[1-9]\d*)([A-Za-z]+)$/.exec(text) ?? [];
    if (digits === undefined || !Object.hasOwn(units, unit)) return undefined;
    const value = Number(digits) * (units[unit] ?? NaN);
    return value <= largest ? value : undefined;
  };
  const limit = (name: string, text: string): number => {
    const value = parse(text);
    if (value === undefined) throw new TypeError(`Expected \`${name}\` to be ${example}, got \`${text}\``);
    return value;
  };
  const lowest = min === undefined ? 0 : limit('min', min);
  const highest = max === undefined ? largest : limit('max', max);
  const expected = [example, min && `at least ${min}`, max && `at most ${max}`].filter(Boolean).join(', ');
  return notation({ type, expected }, (text) => {
    const value = parse(text);
    return value !== undefined && value >= lowest && value <= highest ? value : undefined;
  });
}
