import { stringsOf, tableOf } from './parse.ts';
import { risksOf, type Body, type Risk, type Situation } from './risk.ts';

/** Functions that a migration may call by themselves; others may do anything. */
const usual = ['set_config', 'current_setting', 'setval', 'nextval', 'currval', 'pg_sleep', 'now', 'count'];

export function judgeSelect(body: Body<'SelectStmt'>, situation: Situation): Risk[] {
  const called = body.fromClause ? [] : find(body, 'FuncCall').map(({ funcname }) => stringsOf(funcname).at(-1) ?? '');
  return [...judgeRows(body, situation), ...risksOf('unknown', called, (name) => usual.includes(name))];
}

/** What changes all rows of a table, also in the `WITH` of another statement. */
export function judgeRows(statement: object, { known }: Situation): Risk[] {
  const found = [
    ...findUnbounded(statement, 'UpdateStmt'),
    ...findUnbounded(statement, 'DeleteStmt'),
    ...find(statement, 'MergeStmt'),
  ];
  const tables = found.map(({ relation }) => tableOf(relation));
  return risksOf('change-all-rows', tables, known.isNew);
}

function findUnbounded(value: unknown, kind: 'UpdateStmt' | 'DeleteStmt') {
  return find(value, kind).filter(({ whereClause }) => !whereClause);
}

function find<Given extends 'FuncCall' | 'UpdateStmt' | 'DeleteStmt' | 'MergeStmt'>(
  value: unknown,
  kind: Given,
): Body<Given>[] {
  if (Array.isArray(value)) return value.flatMap((each) => find(each, kind));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]: [string, unknown]) => [
    ...(key === kind ? [each as Body<Given>] : []),
    ...find(each, kind),
  ]);
}
