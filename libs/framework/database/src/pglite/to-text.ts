/** A parameter as PostgreSQL reads it, written as `pg` writes it. */
export function toText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return toArray(value);
  return typeof value === 'object' ? JSON.stringify(value) : (value as string | number | boolean | bigint).toString();
}

function toArray(values: readonly unknown[]): string {
  return `{${values.map((value) => (Array.isArray(value) ? toArray(value) : toElement(toText(value)))).join(',')}}`;
}

function toElement(text: string | null): string {
  return text === null ? 'NULL' : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
