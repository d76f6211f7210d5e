import { inspect } from 'node:util';
import type { ServiceError } from '@org/errors';
import { expect, expectTypeOf, test } from 'vitest';
import * as z from 'zod';
import { faultOf, secret } from '../test-fixtures/fault-of.ts';
import { createEvent, parseData } from './index.ts';

const schema = z.strictObject({ items: z.array(z.object({ quantity: z.int().min(1).default(1) })) });
const eventOf = (data: unknown) => createEvent({ type: 'orders.order.placed.v1', source: '/s', data });

test('gives the data as the schema does', () => {
  const data = parseData(eventOf({ items: [{}] }), schema);
  expectTypeOf(data).toEqualTypeOf<{ items: { quantity: number }[] }>();
  expect(data).toEqual({ items: [{ quantity: 1 }] });
});

test('says where data does not fit, and nothing of what is there', () => {
  const event = eventOf({ items: [{ quantity: secret }, { quantity: 0 }], [secret]: 1 });
  expect(faultOf(() => parseData(event, schema))).toBe('invalid_argument PAYLOAD_SCHEMA_MISMATCH');
  const error = thrownBy(() => parseData(event, schema));
  expect(error.message).toContain('`orders.order.placed.v1`');
  expect(error.details?.violations).toEqual([
    { pointer: '/items/0/quantity', detail: expect.any(String) },
    { pointer: '/items/1/quantity', detail: expect.any(String) },
    { pointer: '', detail: 'Unknown keys' },
  ]);
});

test('says of data that is wrong in many places only the first', () => {
  const error = thrownBy(() =>
    parseData(eventOf({ items: Array.from({ length: 10_000 }, () => ({ quantity: 0 })) }), schema),
  );
  expect(error.message).toContain('and 9997 more');
  expect(inspect(error).length).toBeLessThan(10_000);
});

test('an event without data fits what may be missing, and nothing else', () => {
  expect(parseData(createEvent({ type: 't', source: '/s' }), schema.optional())).toBeUndefined();
  expect(faultOf(() => parseData(createEvent({ type: 't', source: '/s' }), schema))).toMatch('PAYLOAD_SCHEMA_MISMATCH');
});

function thrownBy(run: () => unknown): ServiceError {
  try {
    run();
  } catch (thrown) {
    return thrown as ServiceError;
  }
  throw new Error('Expected an error');
}
