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
const equal = ['pattern', 'format', 'multipleOf', 'uniqueItems', 'propertyNames'] as const;

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
  const exclusive = { key: exclusiveKey, value: numberOf(schema[exclusiveKey], sign, none), inclusive: false };
  return exclusive.value >= inclusive.value && exclusive.value !== none ? exclusive : inclusive;
}

function numberOf(value: unknown, sign: number, otherwise: number): number {
  return typeof value === 'number' ? value * sign : otherwise;
}

function isFree(value: unknown): boolean {
  return value === undefined || value === false;
}

function shown(value: unknown): string {
  return value === undefined ? 'not there' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
