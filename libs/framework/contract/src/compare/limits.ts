import type { Alternative } from './alternatives.ts';
import type { Direction } from './compare-schemas.ts';
import { isSame } from './schema.ts';

/** A limit: the keyword that says it, what is asked of it, and whether it lets its own number through. */
interface Limit {
  readonly key: string;
  readonly value: number;
  readonly inclusive: boolean;
}

const counted = ['Length', 'Items', 'Properties'] as const;
/** What either is the same or cannot be compared. */
const equal = ['pattern', 'format', 'multipleOf', 'uniqueItems'] as const;

/** The limits of the wide schema that do not hold for all values of the narrow one. */
export function limitFaults(narrow: Alternative, wide: Alternative, direction: Direction): string[] {
  const bounds = [
    ...['minimum', ...counted.map((each) => `min${each}`)].map((key) => ({ key, sign: 1 })),
    ...['maximum', ...counted.map((each) => `max${each}`)].map((key) => ({ key, sign: -1 })),
  ];
  const crossed = bounds.flatMap(({ key, sign }) => {
    const [inner, outer] = [limitOf(narrow, key, sign), limitOf(wide, key, sign)];
    const holds = outer.value < inner.value || (outer.value === inner.value && (outer.inclusive || !inner.inclusive));
    return holds ? [] : [outer.key];
  });
  const changed = equal.filter((key) => !isFree(wide[key]) && !isSame(narrow[key], wide[key]));
  return [...crossed, ...changed].map((key) => {
    const [was, is] = direction === 'request' ? [narrow[key], wide[key]] : [wide[key], narrow[key]];
    return `\`${key}\` was ${shown(was)}, is ${shown(is)}`;
  });
}

/** The limit of a schema by a keyword, as one from below: those from above are turned over. */
function limitOf(schema: Alternative, key: string, sign: number): Limit {
  const none = key === 'minimum' || sign < 0 ? -Infinity : 0;
  const inclusive = { key, value: numberOf(schema[key], sign, none), inclusive: true };
  if (key !== 'minimum' && key !== 'maximum') return inclusive;
  const exclusiveKey = key === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum';
  const beyond = numberOf(schema[exclusiveKey], sign, none);
  // Of whole numbers, those above 0 are those from 1 up.
  const isWhole = schema.type === 'integer' && Number.isSafeInteger(beyond);
  const exclusive = { key: exclusiveKey, value: isWhole ? beyond + 1 : beyond, inclusive: isWhole };
  return exclusive.value >= inclusive.value && exclusive.value !== none ? exclusive : inclusive;
}

function numberOf(value: unknown, sign: number, otherwise: number): number {
  return typeof value === 'number' ? value * sign : otherwise;
}

/** Whether a text or a number is within the limits of a schema; of anything else nothing is asked. */
export function holds(schema: Alternative, value: unknown): boolean {
  if (typeof value === 'number') {
    const [from, to] = [limitOf(schema, 'minimum', 1), limitOf(schema, 'maximum', -1)];
    return isWithin(from, value) && isWithin(to, -value);
  }
  if (typeof value !== 'string') return true;
  const { minLength, maxLength, pattern } = schema;
  const length = [...value].length;
  return (
    length >= numberOf(minLength, 1, 0) &&
    length <= numberOf(maxLength, 1, Infinity) &&
    (typeof pattern !== 'string' || new RegExp(pattern, 'u').test(value))
  );
}

function isWithin({ value: limit, inclusive }: Limit, value: number): boolean {
  return value > limit || (inclusive && value === limit);
}

function isFree(value: unknown): boolean {
  return value === undefined || value === false;
}

function shown(value: unknown): string {
  return value === undefined ? 'not there' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
