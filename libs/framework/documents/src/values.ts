import type { Violation } from '@org/errors';
import { pointerTo } from '@org/errors';
import { maximumDepth, whyNoName, whyNoText } from './fields.ts';

/** A document as the core hands it to a database: JSON, and dates. */
export type PlainDocument = { readonly [name: string]: unknown };

/** Whether a value is an embedded document, as opposed to an array, a date or a scalar. */
export function isDocument(value: unknown): value is PlainDocument {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * A copy of a value with what every database stores alike: JSON, and dates of the years 0 to 9999. A field that is
 * `undefined` is left out, `-0` is 0. Tells of what cannot be stored.
 */
export function toPlain(value: unknown, tell: (violation: Violation) => void, at: readonly string[] = []): unknown {
  const refuse = (detail: string) => {
    tell({ pointer: pointerTo(at), detail });
    return null;
  };
  if (at.length > maximumDepth) return refuse(`it is more than ${maximumDepth} levels deep`);
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    const why = whyNoText(value);
    return why === undefined ? value : refuse(why);
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : refuse('a number is not finite');
  if (value instanceof Date)
    return whyNoDate(value) === undefined ? new Date(value) : refuse(whyNoDate(value) as string);
  if (Array.isArray(value)) {
    return Array.from(value, (element: unknown, index) => toPlain(element, tell, [...at, String(index)]));
  }
  if (!isDocument(value)) return refuse(`expected JSON or a date, got ${nameOf(value)}`);
  const entries = Object.entries(value).flatMap(([name, field]): [string, unknown][] => {
    if (field === undefined) return [];
    const why = whyNoName(name);
    if (why !== undefined) tell({ pointer: pointerTo([...at, name]), detail: why });
    return [[name, toPlain(field, tell, [...at, name])]];
  });
  return Object.fromEntries(entries);
}

/** A value of a filter or an update, which somebody has written down: what cannot be stored is a mistake there. */
export function plainOperand(value: unknown, what: string): unknown {
  return toPlain(value, ({ pointer, detail }) => {
    const where = pointer === '' ? '' : ` at ${pointer}`;
    throw new TypeError(`Expected the values of ${what} to be JSON or dates${where}: ${detail}`);
  });
}

function whyNoDate(date: Date): string | undefined {
  if (Number.isNaN(date.getTime())) return 'a date is invalid';
  const year = date.getUTCFullYear();
  return year >= 0 && year <= 9999 ? undefined : 'a date is not of the years 0 to 9999';
}

function nameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value;
  const made: unknown = value.constructor;
  return typeof made === 'function' ? made.name : 'an object';
}
