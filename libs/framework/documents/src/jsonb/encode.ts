import { isDocument, type PlainDocument } from '../values.ts';

/** The one name in an object that stands for a date, as in MongoDB's Extended JSON; no field may have it. */
export const dateName = '$date';

/** Documents as JSON: a date is `{"$date":"2026-01-01T00:00:00.000Z"}`, which is sorted as a text is. */
export function encode(value: unknown): unknown {
  if (value instanceof Date) return { [dateName]: value.toISOString() };
  if (Array.isArray(value)) return value.map(encode);
  if (!isDocument(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, encode(field)]));
}

export function encodeText(value: unknown): string {
  return JSON.stringify(encode(value));
}

/** Changes dates in what was read back to dates, in place. */
export function decode(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) value[index] = decode(element);
    return value;
  }
  const fields = value as Record<string, unknown>;
  const { [dateName]: date } = fields;
  if (typeof date === 'string') return new Date(date);
  for (const name of Object.keys(fields)) fields[name] = decode(fields[name]);
  return fields;
}

export function decodeDocument(value: unknown): PlainDocument {
  return decode(value) as PlainDocument;
}
