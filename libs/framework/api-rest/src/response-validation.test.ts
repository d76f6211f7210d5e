import { defineOperation } from '@org/contract';
import * as z from 'zod';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { problemOf, serve } from '../test-fixtures/serve.ts';
import { implement } from './index.ts';

const item = z.object({ sku: z.string(), price: z.int().min(0) });
const order = z.object({
  id: z.string(),
  status: z.enum(['placed', 'paid']),
  note: z.string().optional(),
  items: z.array(item),
  address: z.strictObject({ city: z.string() }).nullable(),
  counts: z.record(z.string(), z.int()),
  reference: z.union([z.string(), z.int()]),
  more: z.unknown(),
});

async function answerTo(schema: z.ZodType, given: unknown, responseValidation: number) {
  const operation = defineOperation({
    id: 'getThing',
    method: 'GET',
    path: '/thing',
    summary: 'The thing',
    success: { status: 200, description: 'The thing', body: schema },
  });
  await using server = await serve([implement(operation, () => given as never)], { settings: { responseValidation } });
  const response = await fetch(`${server.url}/thing`);
  return response.status === 200 ? { status: 200, body: await response.text() } : await problemOf(response);
}

const given = {
  id: 'a',
  status: 'placed',
  items: [{ sku: 'x', price: 1, cost: 7 }],
  address: null,
  counts: { a: 1 },
  reference: 7,
  more: { a: { b: 1 } },
  password: 'hunter2',
};
const { password: _, ...declared } = { ...given, items: [{ sku: 'x', price: 1 }] };

afterEach(() => void vi.restoreAllMocks());

describe('what the contract does not name', () => {
  test.each([1, 0.5, 0.001, 0])('does not leave when the part of the answers that is checked is %d', async (ratio) => {
    const { body } = await answerTo(order, given, ratio);
    expect(JSON.parse(body as string)).toEqual(declared);
    expect(body).not.toMatch(/hunter2|cost/);
  });

  test.each<[string, z.ZodType, unknown]>([
    [
      'a union of objects',
      z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]),
      { a: 'x', b: 7, secret: 1 },
    ],
    ['one that tells them apart', z.discriminatedUnion('t', [z.object({ t: z.literal('a') })]), { t: 'a', secret: 1 }],
    ['an object that contains itself', recursive(), { a: 'x', secret: 1, next: { a: 'y', secret: 1 } }],
    [
      'an intersection',
      z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })),
      { a: 'x', b: 'y', secret: 1 },
    ],
    ['a list behind a function', z.lazy(() => z.array(z.object({ a: z.string() }))), [{ a: 'x', secret: 1 }]],
    ['a pair', z.tuple([z.object({ a: z.string() })]), [{ a: 'x', secret: 1 }]],
    ['a map of objects', z.record(z.string(), z.object({ a: z.string() })), { k: { a: 'x', secret: 1 } }],
  ])('does not leave from %s either', async (_, schema, value) => {
    const { status, body } = await answerTo(schema, value, 0);
    expect(status).toBe(200);
    expect(body).not.toContain('secret');
  });

  test.each<[string, unknown]>([
    ['an object for a text', { ...given, id: { secret: 1 } }],
    ['a list for an object', { ...given, address: [{ secret: 1 }] }],
    ['an object for a list', { ...given, items: { secret: 1 } }],
    ['an object for one of two', { ...given, reference: { secret: 1 } }],
    ['nothing at all', undefined],
  ])('does not leave as %s', async (_, value) => {
    expect(await answerTo(order, value, 0)).toMatchObject({ status: 500, reason: 'RESPONSE_INVALID' });
  });
});

describe('a schema that changes what it is given', () => {
  test.each<[string, z.ZodType, unknown, unknown]>([
    ['a default', z.object({ a: z.int().default(7) }), {}, { a: 7 }],
    ['trimming', z.object({ a: z.string().trim() }), { a: ' x ' }, { a: 'x' }],
    ['coercion', z.object({ a: z.coerce.string() }), { a: 7 }, { a: '7' }],
    ['a transform', z.object({ a: z.string().transform((text) => text.length) }), { a: 'abc' }, { a: 3 }],
    [
      'a codec',
      z.object({ a: z.array(z.codec(z.string(), z.int(), { decode: Number, encode: String })) }),
      { a: ['7'] },
      { a: [7] },
    ],
    ['what stands in for what does not fit', z.object({ a: z.string().catch('x') }), { a: 7 }, { a: 'x' }],
  ])('is always applied: %s', async (_, schema, value, answer) => {
    const { body } = await answerTo(schema, value, 0);
    expect(JSON.parse(body as string)).toEqual(answer);
  });
});

describe('a body that does not fit', () => {
  const wrong = { ...given, status: 'lost' };

  test('is a 500 when it is checked, and leaves when it is not', async () => {
    expect(await answerTo(order, wrong, 1)).toMatchObject({ status: 500, reason: 'RESPONSE_INVALID' });
    expect(await answerTo(order, wrong, 0)).toMatchObject({ status: 200 });
  });

  test('is checked as often as the ratio says', async () => {
    const random = vi.spyOn(Math, 'random');
    random.mockReturnValue(0.24);
    expect((await answerTo(order, wrong, 0.25)).status).toBe(500);
    random.mockReturnValue(0.25);
    expect((await answerTo(order, wrong, 0.25)).status).toBe(200);
  });
});

function recursive(): z.ZodType {
  const node = z.object({
    a: z.string(),
    get next() {
      return node.optional();
    },
  });
  return node;
}
