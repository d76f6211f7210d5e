import { nameOf, namesOfOptions, tableOf } from './parse.ts';
import { risksOf, type Body, type Risk, type Situation } from './risk.ts';

export function judgeCreateIndex(
  { idxname = '', relation, concurrent }: Body<'IndexStmt'>,
  { known, inTransaction }: Situation,
): Risk[] {
  const table = tableOf(relation);
  if (!concurrent) return known.isNew(table) ? [] : risksOf('index-without-concurrently', [nameOf([table, idxname])]);
  if (inTransaction) return risksOf('concurrently-in-transaction', [idxname]);
  return risksOf('not-repeatable', [idxname], (name) => known.dropped.has(name));
}

export function judgeReindex({ params, relation, name }: Body<'ReindexStmt'>, { inTransaction }: Situation): Risk[] {
  const what = [name ?? tableOf(relation)];
  if (!namesOfOptions(params).includes('concurrently')) return risksOf('rewrite-table', what);
  return inTransaction ? risksOf('concurrently-in-transaction', what) : [];
}
