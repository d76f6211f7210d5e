import { sql, type SQL } from 'drizzle-orm';
import type { Test } from '../filter/filter-tree.ts';
import { encodeText } from './encode.ts';
import type { Operand } from './operand.ts';

/** Tests of a value by itself. The others ask for its elements, or for all values at a path. */
export type ValueTest = Extract<Test, { kind: 'equals' | 'in' | 'compare' | 'matches' }>;

/** A condition on what is of a type. Where the schema says that nothing else is there, it is not asked again. */
function ofType({ json, kind }: Operand, type: string, condition: SQL): SQL {
  return kind === type ? condition : sql`(${condition} AND jsonb_typeof(${json}) = ${type})`;
}

const signs = { $gt: sql`>`, $gte: sql`>=`, $lt: sql`<`, $lte: sql`<=` };

/** A condition on a value, which may be `NULL` where there is none. */
export function renderTest(operand: Operand, test: ValueTest): SQL {
  switch (test.kind) {
    case 'equals':
      return renderEquals(operand, test.value);
    case 'in':
      return renderIn(operand, test.values);
    case 'matches': {
      const sign = test.pattern.ignoreCase ? sql`~*` : sql`~`;
      return ofType(operand, 'string', sql`(${operand.json} #>> '{}') ${sign} ${test.pattern.posix}`);
    }
    case 'compare': {
      const { value, operator } = test;
      const sign = signs[operator];
      if (value instanceof Date) return sql`${operand.date} ${sign} ${value.toISOString()}`;
      if (typeof value === 'string') return ofType(operand, 'string', sql`${operand.text} ${sign} ${value}`);
      return ofType(operand, typeof value, sql`${operand.plain} ${sign} ${encodeText(value)}::jsonb`);
    }
  }
}

function renderEquals(operand: Operand, value: unknown): SQL {
  if (value === null) return sql`(${operand.json} IS NULL OR ${operand.json} = 'null'::jsonb)`;
  if (value instanceof Date) return sql`${operand.date} = ${value.toISOString()}`;
  if (typeof value === 'string') return ofType(operand, 'string', sql`${operand.text} = ${value}`);
  if (typeof value === 'object') return sql`${operand.json} = ${encodeText(value)}::jsonb`;
  return sql`${operand.plain} = ${encodeText(value)}::jsonb`;
}

/** Values of one type together, so that an index answers all of them. */
function renderIn(operand: Operand, values: readonly unknown[]): SQL {
  const texts = values.filter((value) => typeof value === 'string');
  const others = values.filter((value) => typeof value !== 'string' && value !== null);
  const any = (given: readonly unknown[], type: SQL) => sql`ANY(${sql.param([...given])}::${type}[])`;
  const conditions = [
    ...(values.includes(null) ? [renderEquals(operand, null)] : []),
    ...(texts.length > 0 ? [ofType(operand, 'string', sql`${operand.text} = ${any(texts, sql`text`)}`)] : []),
    ...(others.length > 0 ? [sql`${operand.plain} = ${any(others.map(encodeText), sql`jsonb`)}`] : []),
  ];
  return conditions.length === 0 ? sql`false` : sql`(${sql.join(conditions, sql` OR `)})`;
}
