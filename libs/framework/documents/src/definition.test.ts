import { expect, test } from 'vitest';
import * as z from 'zod';
import { defineCollection } from './index.ts';
import { shapeAt } from './shape.ts';

const schema = z.object({
  text: z.string().min(1),
  maybe: z.number().nullish(),
  kind: z.enum(['a', 'b']),
  either: z.union([z.string(), z.number()]),
  at: z.date(),
  lines: z.array(z.object({ sku: z.string() })),
  inner: z.object({ flag: z.boolean().default(true) }),
  byName: z.record(z.string(), z.number()),
  any: z.unknown(),
  event: z.discriminatedUnion('type', [
    z.object({ type: z.literal('x'), value: z.string() }),
    z.object({ type: z.literal('y'), value: z.string() }),
  ]),
});

test.each([
  ['text', { kind: 'string', arrays: false, array: false, required: true }],
  ['maybe', { kind: 'number', arrays: false, required: false }],
  ['kind', { kind: 'string' }],
  ['either', { kind: 'other', arrays: false }],
  ['at', { kind: 'date' }],
  ['lines', { kind: 'other', arrays: true, array: true }],
  ['lines.sku', { kind: 'string', arrays: true, array: false, required: false }],
  ['lines.0.sku', { kind: 'string', arrays: false, required: false }],
  ['inner.flag', { kind: 'boolean', required: true }],
  ['byName.x', { kind: 'number', required: false }],
  ['any', { kind: 'other', arrays: true, array: undefined }],
  ['any.deeper', { kind: 'other', arrays: true, schemas: undefined }],
  ['nothing', { kind: 'other', arrays: true, schemas: undefined }],
  ['event.value', { kind: 'string', arrays: false, required: true }],
] as const)('of `%s` a schema says %o', (path, expected) => {
  expect(shapeAt(schema, path.split('.'))).toMatchObject(expected);
});

test('a schema that leads to itself is followed as far as paths go', () => {
  interface Tree {
    name: string;
    children?: Tree[];
  }
  const tree: z.ZodType<Tree> = z.lazy(() => z.object({ name: z.string(), children: z.array(tree).optional() }));
  expect(shapeAt(tree, 'children.children.name'.split('.'))).toMatchObject({ kind: 'string', arrays: true });
  const endless: z.ZodType = z.lazy(() => endless);
  expect(shapeAt(endless, ['x'])).toMatchObject({ schemas: undefined });
});

test('indexes have names by what they are over', () => {
  const indexes = [{ keys: { text: 1, 'inner.flag': -1 } as const }, { keys: { at: 1 } as const, name: 'newest' }];
  expect(defineCollection({ name: 'things', schema, indexes }).indexes.map(({ name }) => name)).toEqual([
    'things_text_inner_flag_desc',
    'newest',
  ]);
});

test.each([
  [{ name: 'Things' }, /`name`.*`Things`/],
  [{ name: 'x'.repeat(41) }, /`name`/],
  [{ indexes: [{ keys: {} }] }, /from 1 to 16 fields, got `0`/],
  [{ indexes: [{ keys: { text: 2 } }] }, /1 or -1, got `2`/],
  [{ indexes: [{ keys: { 'byName.a b': 1 } }] }, /got `a b`/],
  [{ indexes: [{ keys: { text: 1 } }, { keys: { text: 1 } }] }, /`things_text` twice/],
  [{ indexes: [{ keys: { text: 1 }, name: 'a b' }] }, /`name` of an index.*`a b`/],
  [{ indexes: [{ keys: { lines: 1 }, unique: true }] }, /no array, got `lines`/],
  [{ indexes: [{ keys: { either: 1 }, unique: true }] }, /got `either`/],
])('a definition with %o is misuse', (given, message) => {
  const defining = () => defineCollection({ name: 'things', schema, ...(given as object) });
  expect(defining).toThrow(TypeError);
  expect(defining).toThrow(message);
});
