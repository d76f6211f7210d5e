import { sql, type SQL } from 'drizzle-orm';
import type { Segments } from '../fields.ts';
import type { Kind } from '../shape.ts';
import { dateName } from './encode.ts';

/**
 * One value of a document in the ways in which it is compared. Indexes are over the same expressions: a parameter is a
 * constant when a statement is planned, since none is prepared by name.
 */
export interface Operand {
  /** As it is; `NULL` where there is nothing. */
  readonly json: SQL;
  /** Without JSON's `null`, for numbers and booleans. */
  readonly plain: SQL;
  /** Sorted by code points, as MongoDB does, whatever the collation of the database is. */
  readonly text: SQL;
  /** A date as text; `NULL` for anything else. */
  readonly date: SQL;
  /** The type that it has, where the schema says it; `null` and missing aside. */
  readonly kind: Kind;
}

/** The columns of a table of documents. */
export const documentColumn = sql`doc`;
export const idColumn = sql`id`;

/** What stands at a path that leads through no array. */
export function operandAt(document: SQL, path: Segments, kind: Kind): Operand {
  const at = (segments: Segments) => sql`${sql.param([...segments])}::text[]`;
  return operandOf(document, at(path), at([...path, dateName]), kind);
}

/** @param path An array of texts. */
export function operandOf(document: SQL, path: SQL, datePath: SQL, kind: Kind): Operand {
  return {
    json: sql`(${document} #> ${path})`,
    plain: sql`nullif(${document} #> ${path}, 'null'::jsonb)`,
    text: sql`((${document} #>> ${path}) COLLATE "C")`,
    date: sql`((${document} #>> ${datePath}) COLLATE "C")`,
    kind,
  };
}

/** A value that stands by itself. */
export function operandFor(value: SQL): Operand {
  return {
    json: value,
    plain: value,
    text: sql`((${value} #>> '{}') COLLATE "C")`,
    date: sql`((${value} ->> ${sql.raw(`'${dateName}'`)}) COLLATE "C")`,
    kind: 'other',
  };
}

/** The identifier, which has a column of its own. */
export const idOperand: Operand = {
  json: sql`to_jsonb(${idColumn})`,
  plain: sql`to_jsonb(${idColumn})`,
  text: idColumn,
  date: sql`NULL::text`,
  kind: 'string',
};

/** What values of one type are sorted by. */
export function sortedBy(operand: Operand, kind: Exclude<Kind, 'other'>): SQL {
  if (kind === 'string') return operand.text;
  return kind === 'date' ? operand.date : operand.plain;
}
