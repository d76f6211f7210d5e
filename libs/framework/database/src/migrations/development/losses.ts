import type { Named, Snapshot } from './kit.ts';

/**
 * What the way from some models to others does not keep, such as `public.orders.total`: the way back cannot bring it again. A
 * column whose type changes counts, since the way back may round or cut what it holds.
 */
export function lossesBetween(from: Snapshot, to: Snapshot): string[] {
  const columns = Object.entries(from.tables).flatMap(([table, { columns: before }]) => {
    const after = to.tables[table]?.columns;
    if (!after) return [table];
    return Object.entries(before)
      .filter(([name, { type, typeSchema }]) => after[name]?.type !== type || after[name].typeSchema !== typeSchema)
      .map(([name]) => `${table}.${name}`);
  });
  return [...columns, ...gone(from.sequences, to.sequences), ...gone(from.roles, to.roles)];
}

function gone(before: Named<unknown>, after: Named<unknown>): string[] {
  return Object.keys(before).filter((name) => !(name in after));
}
