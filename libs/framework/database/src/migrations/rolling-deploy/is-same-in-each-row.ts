import type { Node } from 'libpg-query';
import { stringsOf } from './parse.ts';

/** What gives one value a statement; that of each of them is kept once for all rows. */
const steady = ['now', 'transaction_timestamp', 'statement_timestamp', 'current_setting', 'lower', 'upper', 'md5'];
/** What an expression may be made of besides. */
const parts = ['A_Const', 'TypeCast', 'SQLValueFunction', 'A_ArrayExpr', 'A_Expr', 'RowExpr', 'CollateClause', 'List'];

/**
 * Whether PostgreSQL computes a default once when a column is added with it, so that it writes no rows.
 *
 * @see https://www.postgresql.org/docs/18/sql-altertable.html (Notes)
 */
export function isSameInEachRow(node: Node): boolean {
  const [[kind, value]] = Object.entries(node) as [[string, Readonly<Record<string, unknown>>]];
  if (kind === 'FuncCall') {
    const { funcname = [], args = [] } = value as { funcname?: Node[]; args?: Node[] };
    return steady.includes(stringsOf(funcname).at(-1) ?? '') && args.every(isSameInEachRow);
  }
  if (!parts.includes(kind)) return false;
  const { arg, lexpr, rexpr, elements, args, items } = value as Record<string, Node | Node[] | undefined>;
  return [arg, lexpr, rexpr, elements, args, items].flat().every((each) => each === undefined || isSameInEachRow(each));
}
