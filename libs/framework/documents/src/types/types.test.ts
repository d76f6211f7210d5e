import { expectTypeOf, test } from 'vitest';
import * as z from 'zod';
import type { Collection, Filter, Path, Update, ValueAt } from '../index.ts';
import { defineCollection } from '../index.ts';

const _carts = defineCollection({
  name: 'carts',
  schema: z.object({
    customer: z.string(),
    at: z.date(),
    total: z.number().optional(),
    status: z.enum(['open', 'closed']).default('open'),
    address: z.object({ city: z.string(), zip: z.string().nullable() }),
    lines: z.array(z.object({ sku: z.string(), quantity: z.number(), tags: z.array(z.string()).optional() })),
    counts: z.record(z.string(), z.number()),
    extra: z.unknown(),
  }),
  indexes: [{ keys: { customer: 1, 'address.city': -1 } }],
});
type Cart = NonNullable<NonNullable<typeof _carts._types>['value']>;
type NewCart = NonNullable<NonNullable<typeof _carts._types>['input']>;

const filters = (..._: Filter<Cart>[]) => {};
const updates = (..._: Update<Cart>[]) => {};

test('documents have an id, and what is inserted need not have it, nor what has a default', () => {
  expectTypeOf<Cart['_id']>().toEqualTypeOf<string>();
  expectTypeOf<Cart['status']>().toEqualTypeOf<'open' | 'closed'>();
  expectTypeOf<NewCart['_id']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<NewCart['status']>().toEqualTypeOf<'open' | 'closed' | undefined>();
});

test('paths lead into documents and arrays, and have the types of what stands there', () => {
  expectTypeOf<'lines.sku' | 'lines.0.quantity' | 'address.zip' | 'counts.x' | 'extra.any.path'>().toExtend<
    Path<Cart>
  >();
  expectTypeOf<'nothing' | 'address.street' | 'customer.length' | 'at.getTime'>().not.toExtend<Path<Cart>>();
  expectTypeOf<ValueAt<Cart, 'lines.0.sku'>>().toEqualTypeOf<string>();
  expectTypeOf<ValueAt<Cart, 'address.zip'>>().toEqualTypeOf<string | null>();
  expectTypeOf<ValueAt<Cart, 'extra.a'>>().toEqualTypeOf<unknown>();
});

test('filters take values and operators of the type of their path', () => {
  filters(
    {},
    { customer: 'x', total: null },
    { customer: /x/, at: { $lt: new Date() } },
    { 'lines.sku': 'x', 'lines.0.sku': { $in: ['x'] } },
    { lines: { $elemMatch: { sku: 'x', quantity: { $gt: 1 } } } },
    { 'lines.tags': { $all: ['x'] }, lines: { $size: 1 } },
    { $or: [{ status: { $ne: 'open' } }, { 'address.zip': { $exists: false } }], 'extra.a.b': 5 },
  );
  // @ts-expect-error A text is no number.
  filters({ customer: 5 });
  // @ts-expect-error There is no such field.
  filters({ 'lines.price': 5 });
  // @ts-expect-error It is none of the two.
  filters({ status: 'opened' });
  // @ts-expect-error A number is compared with numbers.
  filters({ total: { $gt: 'x' } });
  // @ts-expect-error Not among the operators.
  filters({ customer: { $where: 'x' } });
});

test('updates take values of the type of their path', () => {
  updates(
    { $set: { customer: 'x', 'lines.0.sku': 'y', 'address.zip': null }, $unset: { total: true } },
    { $inc: { total: 1, 'counts.a': -1, 'lines.0.quantity': 2 } },
    { $push: { lines: { sku: 'x', quantity: 1 }, 'lines.0.tags': { $each: ['x'], $slice: -5 } } },
    { $pull: { lines: { sku: 'x' }, 'lines.0.tags': { $in: ['x'] } }, $currentDate: { at: true } },
  );
  // @ts-expect-error A text is not counted.
  updates({ $inc: { customer: 1 } });
  // @ts-expect-error There is no array.
  updates({ $push: { customer: 'x' } });
  // @ts-expect-error A text is no number.
  updates({ $set: { total: 'x' } });
});

test('a projection makes fields optional, and none does not', () => {
  const _find = (collection: Collection<Cart, NewCart>) => ({
    whole: collection.findOne({}),
    part: collection.findOne({}, { projection: { 'address.city': 1 } }),
    values: collection.distinct('lines.tags'),
  });
  type Found = ReturnType<typeof _find>;
  expectTypeOf<Awaited<Found['whole']>>().toEqualTypeOf<Cart | undefined>();
  expectTypeOf<NonNullable<Awaited<Found['part']>>['customer']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<Awaited<Found['values']>>().toEqualTypeOf<string[]>();
});
