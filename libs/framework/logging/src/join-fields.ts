import type { LogRecord } from './record.ts';

/** Writes a field in the way of a format. */
type Part = (name: string, value: unknown) => string;

/** Puts the fields of a record together, each once, as `part` writes them; what is `undefined` is left out. */
export function joinFields(record: Pick<LogRecord, 'context' | 'fields'>, part: Part): string {
  let text = joinContext(record, part);
  for (const name in record.fields) {
    const value = record.fields[name];
    if (value !== undefined) text += part(name, value);
  }
  return text;
}

/** Puts those of the context together that the record has no field for. */
export function joinContext({ context, fields }: Pick<LogRecord, 'context' | 'fields'>, part: Part): string {
  let text = '';
  for (const name in context) {
    if (Object.hasOwn(fields, name)) continue;
    const value = context[name];
    if (value !== undefined) text += part(name, value);
  }
  return text;
}
