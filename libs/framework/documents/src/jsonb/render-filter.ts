import { sql, type SQL } from 'drizzle-orm';
import type * as z from 'zod';
import type { Segments } from '../fields.ts';
import type { FilterTree, Test } from '../filter/filter-tree.ts';
import { shapeAt, type Shape } from '../shape.ts';
import { candidatesAt } from './candidates.ts';
import { containments } from './containments.ts';
import { dateName } from './encode.ts';
import { documentColumn, idOperand, operandAt, operandFor } from './operand.ts';
import { renderTest } from './render-test.ts';

/** What a filter is about: the document of a row, or an embedded one. */
export interface Scope {
  readonly document: SQL;
  /** `undefined` where nothing is known of it. */
  readonly schema: z.core.$ZodType | undefined;
  /** Whether it is the document of a row, which has indexes: over all of it, and over these paths. */
  readonly indexed: false | { readonly paths: readonly string[] };
}

export function rowScope(schema: z.core.$ZodType, paths: readonly string[]): Scope {
  return { document: documentColumn, schema, indexed: { paths } };
}

/** A filter as a condition. All that is given is a parameter: values, and the names of fields. */
export function renderFilter(scope: Scope, tree: FilterTree): SQL {
  if (tree.kind === 'field') return renderField(scope, tree.path, tree.test);
  // A comparison with nothing is neither true nor false.
  if (tree.kind === 'not') return sql`(${renderFilter(scope, tree.of)}) IS NOT TRUE`;
  return joined(
    tree.kind,
    tree.of.map((each) => renderFilter(scope, each)),
  );
}

function joined(kind: 'and' | 'or', conditions: readonly SQL[]): SQL {
  if (conditions.length === 0) return sql.raw(String(kind === 'and'));
  return sql`(${sql.join([...conditions], kind === 'and' ? sql` AND ` : sql` OR `)})`;
}

function renderField(scope: Scope, path: Segments, test: Test): SQL {
  if (test.kind === 'none') return sql`(${renderAll(scope, path, test.tests)}) IS NOT TRUE`;
  if (test.kind === 'all') return renderAll(scope, path, test.tests);
  if (scope.indexed && path.join() === '_id') return renderId(test);
  const shape = shapeAt(scope.schema, path);
  const found = containments(scope, path, test);
  if (found) return found;
  return shape.arrays ? renderCandidates(scope, path, test, shape) : renderDirect(scope, path, test, shape);
}

function renderAll(scope: Scope, path: Segments, tests: readonly Test[]): SQL {
  return joined(
    'and',
    tests.map((test) => renderField(scope, path, test)),
  );
}

function renderId(test: Exclude<Test, { kind: 'none' | 'all' }>): SQL {
  if (test.kind === 'exists') return sql`true`;
  return isValueTest(test) ? renderTest(idOperand, test) : sql`false`;
}

/** Where the schema has no array, which is the plain case, and the one that an index answers. */
function renderDirect(
  { document }: Scope,
  path: Segments,
  test: Exclude<Test, { kind: 'none' | 'all' }>,
  { kind }: Shape,
): SQL {
  const operand = operandAt(document, path, kind);
  if (test.kind === 'exists') return sql`${operand.json} IS NOT NULL`;
  return isValueTest(test) ? renderTest(operand, test) : sql`false`;
}

function renderCandidates(
  { document }: Scope,
  path: Segments,
  test: Exclude<Test, { kind: 'none' | 'all' }>,
  shape: Shape,
): SQL {
  const candidates = candidatesAt(document, path);
  const some = (elements: boolean, condition: SQL) =>
    sql`EXISTS (SELECT FROM (${candidates.query({ elements })}) AS candidates WHERE ${condition})`;
  const value = sql`value`;
  const operand = operandFor(value);
  switch (test.kind) {
    case 'exists':
      return candidates.exists;
    case 'size':
      return some(
        false,
        sql`CASE jsonb_typeof(value) WHEN 'array' THEN jsonb_array_length(value) = ${test.size}::int END`,
      );
    case 'element': {
      const element = { document: sql`element`, schema: elementSchema(shape), indexed: false } as const;
      const condition = sql`jsonb_typeof(element) = 'object' AND NOT element ? ${dateName}::text AND ${renderFilter(element, test.filter)}`;
      return some(false, someElement(condition));
    }
    case 'element-value':
      return some(false, someElement(joined('and', test.tests.map(renderElement))));
    default: {
      const values = [...(test.kind === 'in' ? test.values : test.kind === 'equals' ? [test.value] : [])];
      const whole = values.some((each) => typeof each === 'object' && each !== null && !(each instanceof Date));
      const conditions = [
        some(true, sql`value IS NOT NULL AND ${renderTest(operand, test)}`),
        // An array may be equal as a whole.
        ...(whole ? [some(false, renderTest(operand, test))] : []),
        ...(values.includes(null) ? [candidates.missing] : []),
      ];
      return joined('or', conditions);
    }
  }
}

function someElement(condition: SQL): SQL {
  const elements = sql`CASE jsonb_typeof(value) WHEN 'array' THEN value ELSE '[]'::jsonb END`;
  return sql`EXISTS (SELECT FROM jsonb_array_elements(${elements}) AS elements(element) WHERE ${condition})`;
}

/** A test of an element by itself: what is asked of the elements of an array in it, is asked of that array. */
function renderElement(test: Test): SQL {
  const operand = operandFor(sql`element`);
  switch (test.kind) {
    case 'none':
      return sql`(${joined('and', test.tests.map(renderElement))}) IS NOT TRUE`;
    case 'all':
      return joined('and', test.tests.map(renderElement));
    case 'exists':
      return sql`true`;
    case 'size':
    case 'element':
    case 'element-value': {
      const nested = {
        document: sql`jsonb_build_object('value', element)`,
        schema: undefined,
        indexed: false,
      } as const;
      return renderField(nested, ['value'], test);
    }
    default:
      return renderTest(operand, test);
  }
}

function isValueTest(test: Test): test is Parameters<typeof renderTest>[1] {
  return ['equals', 'in', 'compare', 'matches'].includes(test.kind);
}

/** The schema of the elements, where there is one and no other. */
function elementSchema({ schemas }: Shape): z.core.$ZodType | undefined {
  const [schema, ...others] = schemas ?? [];
  const array = others.length === 0 ? (schema as z.core.$ZodTypes | undefined)?._zod.def : undefined;
  return array?.type === 'array' ? array.element : undefined;
}
