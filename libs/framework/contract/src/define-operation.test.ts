import * as z from 'zod';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { defineContract, defineOperation, type Operation, type OperationTypes } from './index.ts';

const order = z.object({ id: z.uuid(), quantity: z.int().default(1), note: z.string().optional() });

type TypesOf<Defined> = Defined extends Operation<infer Types> ? Types : never;

describe('defineOperation', () => {
  const placeOrder = defineOperation({
    id: 'placeOrder',
    method: 'POST',
    path: '/customers/:customer/orders',
    summary: 'Place an order',
    params: z.object({ customer: z.uuid() }),
    query: z.object({ dry: z.stringbool().default(false) }),
    body: order.omit({ id: true }),
    success: { status: 201, description: 'The order', body: order },
    errors: ['failed_precondition'],
    examples: { usual: { query: { dry: 'true' }, body: { note: 'soon' }, success: { id: 'x', quantity: 1 } } },
  });
  const getThing = defineOperation({
    id: 'getThing',
    method: 'GET',
    path: '/shelves/:shelf/things/:thing',
    summary: 'One thing',
    success: { status: 204, description: 'It is there' },
  });

  test('gives handlers what comes out of the request schemas, and takes what goes into that of the answer', () => {
    expectTypeOf<TypesOf<typeof placeOrder>>().toEqualTypeOf<{
      params: { customer: string };
      query: { dry: boolean };
      headers: undefined;
      body: { quantity: number; note?: string | undefined };
      success: { id: string; quantity?: number | undefined; note?: string | undefined };
    }>();
  });

  test('reads the names of the params from the path when there is no schema', () => {
    expectTypeOf<TypesOf<typeof getThing>['params']>().toEqualTypeOf<{ shelf: string; thing: string }>();
    expectTypeOf<TypesOf<typeof getThing>['body']>().toEqualTypeOf<undefined>();
    expectTypeOf<TypesOf<typeof getThing>['success']>().toEqualTypeOf<undefined>();
  });

  test('stays plain data that fits into a list of operations', () => {
    const operations: readonly Operation[] = [placeOrder, getThing];
    expectTypeOf<TypesOf<(typeof operations)[number]>>().toEqualTypeOf<OperationTypes>();
    expect(operations.map(({ id }) => id)).toEqual(['placeOrder', 'getThing']);
  });

  test('refuses examples that do not fit, before they run', () => {
    defineOperation({
      id: 'placeOrder',
      method: 'POST',
      path: '/orders',
      summary: 'Place an order',
      body: order,
      success: { status: 201, description: 'The order', body: order },
      // @ts-expect-error The quantity is a number.
      examples: { wrong: { body: { id: 'x', quantity: 'many' } } },
    });
  });
});

describe('defineOperation refuses', () => {
  const plain = { id: 'getThing', method: 'GET', path: '/things', summary: 'Things' } as const;
  const success = { status: 200, description: 'Things' };
  const body = z.object({});

  test.each([
    ['a path without its slash', { ...plain, path: 'things', success }, '`path`'],
    ['a path that ends in a slash', { ...plain, path: '/things/', success }, '`path`'],
    ['a wildcard', { ...plain, path: '/things/*', success }, '`path`'],
    ['a pattern in a path', { ...plain, path: '/things/:id(\\d+)', success }, '`path`'],
    ['half a segment as a name', { ...plain, path: '/things/x-:id', success }, '`path`'],
    ['a name that occurs twice', { ...plain, path: '/:a/:a', success }, 'once'],
    ['an id that is no name', { ...plain, id: 'get-thing', success }, '`id`'],
    ['a param that is not in the path', { ...plain, params: z.object({ id: z.string() }), success }, '`params`'],
    ['a name without its param', { ...plain, path: '/things/:id', params: z.object({}), success }, '`params`'],
    ['a body of a GET', { ...plain, body, success }, '`body`'],
    ['an idempotency key of a GET', { ...plain, idempotencyKey: 'required', success } as const, '`idempotencyKey`'],
    ['a body of a 204', { ...plain, success: { ...success, status: 204, body } }, '204'],
    ['a success that is none', { ...plain, success: { ...success, status: 404 } }, '`404`'],
    ['a status that is no number', { ...plain, success: { ...success, status: Number.NaN } }, '`NaN`'],
    ['an upper-case header', { ...plain, headers: z.object({ 'X-A': z.string() }), success }, '`X-A`'],
    ['an upper-case header of the answer', { ...plain, success: { ...success, headers: { ETag: 'x' } } }, '`ETag`'],
    ['an error that is no code', { ...plain, success, errors: ['gone'] as never[] }, '`gone`'],
  ])('%s', (_, definition, mentioned) => {
    expect(() => defineOperation(definition)).toThrow(TypeError);
    expect(() => defineOperation(definition)).toThrow(mentioned);
  });
});

describe('defineContract', () => {
  const get = (id: string, path: string) =>
    defineOperation({ id, method: 'GET', path, summary: 'A thing', success: { status: 204, description: 'There' } });
  const contract = (...operations: Operation[]) =>
    defineContract({ name: 'things', version: '1.0.0', title: 'Things', operations });

  test('gives back what it was given', () => {
    expect(contract(get('a', '/a'), get('b', '/a/:id')).operations).toHaveLength(2);
  });

  test('refuses two operations of the same id', () => {
    expect(() => contract(get('a', '/a'), get('a', '/b'))).toThrow('`a` (GET /a) and `a` (GET /b)');
  });

  test('refuses two operations that match the same requests', () => {
    expect(() => contract(get('a', '/a/:id'), get('b', '/a/:name'))).toThrow(TypeError);
  });
});
