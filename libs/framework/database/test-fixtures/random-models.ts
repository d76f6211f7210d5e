import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  foreignKey,
  index,
  integer,
  pgEnum,
  pgSchema,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
  varchar,
  type PgColumnBuilderBase,
} from 'drizzle-orm/pg-core';

/** Models as somebody may have them at some time: of any two, the one may follow the other. */
export function randomModels(seed: number): Record<string, unknown> {
  const random = createRandom(seed);
  const maybe = (share = 0.5) => random() < share;
  const pick = <Value>(...values: Value[]): Value => values[Math.floor(random() * values.length)] as Value;

  const mood = pgEnum('mood', pick(['low', 'high'], ['low', 'middle', 'high'], ['low', 'high', 'odd']));
  const sales = pgSchema('sales');
  const column = (builder: PgColumnBuilderBase) => {
    const { notNull } = builder as unknown as { notNull(): PgColumnBuilderBase };
    return maybe(0.3) ? notNull.call(builder) : builder;
  };
  const columns = (): Record<string, PgColumnBuilderBase> => {
    const all: [string, () => PgColumnBuilderBase][] = [
      [
        'name',
        () => column(pick<PgColumnBuilderBase>(text(), varchar({ length: 20 }), text().default("it's `${odd}`\\"))),
      ],
      ['total', () => column(pick<PgColumnBuilderBase>(integer(), bigint({ mode: 'number' }), integer().default(7)))],
      ['mood', () => column(pick<PgColumnBuilderBase>(mood(), mood().default('low')))],
      ['at', () => column(pick<PgColumnBuilderBase>(timestamp(), timestamp({ withTimezone: true }).defaultNow()))],
      ['key', () => column(pick<PgColumnBuilderBase>(uuid(), uuid().defaultRandom()))],
    ];
    return Object.fromEntries(
      all.filter(([name]) => name === 'total' || maybe(0.7)).map(([name, make]) => [name, make()]),
    );
  };
  const makeTable = (name: string) => {
    const make = (name === 'visits' ? sales.table : pgTable) as typeof pgTable;
    const composite = maybe(0.3);
    const id = composite ? integer().notNull() : integer().primaryKey();
    return make(name, { id, other: integer().notNull(), ref: integer(), ...columns() }, (table) => [
      ...(composite ? [primaryKey({ columns: [table.id, table.other] })] : []),
      ...(maybe()
        ? [index(`${name}_by_total`).on(pick((table as unknown as { total: typeof table.other }).total, table.other))]
        : []),
      ...(maybe(0.3)
        ? [
            uniqueIndex(`${name}_by_ref`)
              .on(table.ref)
              .where(sql`${table.ref} > 0`),
          ]
        : []),
      ...(maybe(0.3) ? [unique(`${name}_once`).on(table.other, table.ref)] : []),
      ...(maybe() ? [check(`${name}_rule`, sql`${table.other} > ${sql.raw(pick('0', '1'))}`)] : []),
    ]);
  };
  const targets = pgTable('targets', { id: integer().primaryKey() });
  const withReference = (name: string) =>
    pgTable(name, { id: integer().primaryKey(), target: integer(), ...columns() }, (table) => [
      ...(maybe()
        ? [foreignKey({ columns: [table.target], foreignColumns: [targets.id], name: `${name}_target` })]
        : []),
    ]);
  const hasTargets = maybe(0.8);
  return {
    mood,
    sales,
    ...(maybe(0.7) && { orders: makeTable('orders') }),
    ...(maybe(0.7) && { visits: makeTable('visits') }),
    ...(hasTargets && { targets, ...(maybe(0.8) && { shots: withReference('shots') }) }),
  };
}

/** Numbers from 0 to 1 that are the same in each run (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
