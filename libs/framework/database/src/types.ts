import pg from 'pg';
import type { ParseType } from './driver.ts';

/** Moments, dates and intervals, and lists of them: Drizzle's columns read those from their text. */
const asText = new Set([1114, 1184, 1082, 1186, 1115, 1185, 1182, 1187, 1231]);
const same = (text: string) => text;

/** How Drizzle asks for values: as `pg` reads them, but for those that its columns read themselves. */
export const asDrizzleReads: { readonly getTypeParser: ParseType } = {
  getTypeParser: (type) => (asText.has(type) ? same : pg.types.getTypeParser(type, 'text')),
};
