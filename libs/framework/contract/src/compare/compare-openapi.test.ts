import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { defineContract, defineOperation, openApiDocument, queryList, type Operation } from '../index.ts';
import { compareOpenApi } from './compare-openapi.ts';
import { operationsOf } from './operations-of.ts';

type Document = Record<string, unknown>;
/** Members of an operation that differ from `base`. */
type Change = Record<string, unknown>;

const base = {
  id: 'placeOrder',
  method: 'POST',
  path: '/orders',
  summary: 'x',
  success: { status: 201, description: 'x', body: z.object({ id: z.string() }) },
} as const;

async function documentOf(...operations: Operation[]): Promise<Document> {
  return await openApiDocument(defineContract({ name: 'orders', version: '1.0.0', title: 'Orders', operations }));
}

/** What a change of one operation breaks, as `place: change`. */
async function breaks(before: Change, after: Change): Promise<string[]> {
  const define = (change: Change) => defineOperation({ ...base, ...change } as never) as Operation;
  const [older, newer] = [await documentOf(define(before)), await documentOf(define(after))];
  return compareOpenApi(older, newer).map(({ place, change }) => `${place}: ${change}`);
}

const body = (shape: z.core.$ZodLooseShape) => ({ body: z.strictObject(shape) });
const answer = (shape: z.core.$ZodLooseShape) => ({
  success: { status: 201, description: 'x', body: z.object(shape) },
});
const tree = (leaf: z.ZodType) => {
  const node: z.ZodType = z
    .object({
      leaf,
      get children() {
        return z.array(node).optional();
      },
    })
    .meta({ id: 'Node' });
  return node;
};

const text = z.string();
/** A union of objects that `type` tells apart. */
const union = (a: z.core.$ZodLooseShape, b?: z.core.$ZodLooseShape) => {
  const first = z.strictObject({ type: z.literal('a'), x: text, ...a });
  const second = z.strictObject({ type: z.literal('b'), x: text, ...b });
  return z.discriminatedUnion('type', b === undefined ? [first] : [first, second]);
};
const upload = (mediaType: string) => ({ upload: { mediaTypes: [mediaType] } });
const item = (quantity: z.ZodType) => z.array(z.strictObject({ quantity }));

describe('what a service takes', () => {
  test.each<[string, Change, Change, string[]]>([
    [
      'a field that is gone',
      body({ a: text, b: text.optional() }),
      body({ a: text }),
      ['request body /b: is no longer taken'],
    ],
    [
      'a field that is called something else',
      body({ name: text }),
      body({ title: text }),
      ['request body /name: is no longer taken', 'request body /title: is required now'],
    ],
    ['a field that is required', body({ a: text.optional() }), body({ a: text }), ['request body /a: is required now']],
    ['a new required field', body({}), body({ a: text }), ['request body /a: is required now']],
    [
      'another type',
      body({ a: text }),
      body({ a: z.int() }),
      ['request body /a: the type `string` is no longer taken'],
    ],
    [
      'whole numbers only',
      body({ a: z.number() }),
      body({ a: z.int() }),
      ['request body /a: the type `number` is no longer taken'],
    ],
    [
      'no null any more',
      body({ a: text.nullable() }),
      body({ a: text }),
      ['request body /a: the type `null` is no longer taken'],
    ],
    [
      'a value less',
      body({ a: z.enum(['x', 'y']) }),
      body({ a: z.enum(['x']) }),
      ['request body /a: `"y"` is no longer taken'],
    ],
    ['some values only', body({ a: text }), body({ a: z.enum(['x']) }), ['request body /a: is only `"x"` now']],
    [
      'shorter text',
      body({ a: text.max(5) }),
      body({ a: text.max(4) }),
      ['request body /a: `maxLength` was `5`, is `4`'],
    ],
    [
      'text of a least length',
      body({ a: text }),
      body({ a: text.min(1) }),
      ['request body /a: `minLength` was not there, is `1`'],
    ],
    [
      'another pattern',
      body({ a: text.regex(/a/) }),
      body({ a: text.regex(/b/) }),
      ['request body /a: `pattern` was `a`, is `b`'],
    ],
    [
      'a format',
      body({ a: text }),
      body({ a: z.uuid() }),
      expect.arrayContaining(['request body /a: `format` was not there, is `uuid`']),
    ],
    [
      'a higher least number',
      body({ a: z.number().min(1) }),
      body({ a: z.number().min(2) }),
      ['request body /a: `minimum` was `1`, is `2`'],
    ],
    [
      'a number that no longer includes its limit',
      body({ a: z.number().min(1) }),
      body({ a: z.number().gt(1) }),
      ['request body /a: `exclusiveMinimum` was not there, is `1`'],
    ],
    [
      'a lower highest number',
      body({ a: z.number() }),
      body({ a: z.number().lt(2) }),
      ['request body /a: `exclusiveMaximum` was not there, is `2`'],
    ],
    [
      'fewer items',
      body({ a: z.array(text) }),
      body({ a: z.array(text).max(3) }),
      ['request body /a: `maxItems` was not there, is `3`'],
    ],
    [
      'deep inside',
      body({ a: item(z.int().max(9)) }),
      body({ a: item(z.int().max(8)) }),
      ['request body /a/*/quantity: `maximum` was `9`, is `8`'],
    ],
    [
      'one alternative less',
      body({ a: z.union([text, z.int()]) }),
      body({ a: text }),
      ['request body /a: the type `integer` is no longer taken'],
    ],
    [
      'no unknown keys',
      { body: z.looseObject({ a: text }) },
      body({ a: text }),
      ['request body: takes no unknown keys any more'],
    ],
    [
      'other values of a map',
      { body: z.record(text, z.number()) },
      { body: z.record(text, z.int()) },
      ['request body /*: the type `number` is no longer taken'],
    ],
    [
      'a schema that contains itself',
      { body: tree(text.max(5)) },
      { body: tree(text.max(4)) },
      ['request body /leaf: `maxLength` was `5`, is `4`'],
    ],
    [
      'new required fields in one of a discriminated union',
      { body: union({}, {}) },
      { body: union({}, { y: text, z: text }) },
      ['request body /y: is required now', 'request body /z: is required now'],
    ],
    [
      'one of a discriminated union less',
      { body: union({}, { y: text }) },
      { body: union({}) },
      ['request body /type: `"b"` is no longer taken'],
    ],
    [
      'another second pattern of an alternative',
      body({ a: text.regex(/a/).regex(/b/).nullable() }),
      body({ a: text.regex(/a/).regex(/c/).nullable() }),
      ['request body /a: `allOf of pattern` changed, which cannot be judged'],
    ],
    [
      'shorter text in both parts of an intersection',
      { body: z.intersection(z.object({ a: text }), z.object({ a: text.max(5) })) },
      { body: z.intersection(z.object({ a: text }), z.object({ a: text.max(4) })) },
      ['request body /a: `maxLength` was `5`, is `4`'],
    ],
    [
      'a value that is too long for what it becomes',
      body({ a: z.enum(['x', 'long']) }),
      body({ a: text.max(3) }),
      ['request body /a: `"long"` is no longer taken'],
    ],
    [
      'a key of a map less',
      { body: z.partialRecord(z.enum(['a', 'b']), text) },
      { body: z.partialRecord(z.enum(['a']), text) },
      ['request body: of the keys, `"b"` is no longer taken'],
    ],
    [
      'one media type of a range',
      upload('image/*'),
      upload('image/png'),
      ['request body: `image/*` is no longer taken'],
    ],
    ['no body any more', body({ a: text }), {}, ['request body: is no longer taken']],
    ['a body that was not asked for', {}, body({ a: text }), ['request body: is required now']],
    [
      'a query parameter less',
      { query: z.object({ a: text.optional() }) },
      {},
      ['query parameter `a`: is no longer taken'],
    ],
    ['a new required query parameter', {}, { query: z.object({ a: text }) }, ['query parameter `a`: is required now']],
    [
      'a required header',
      {},
      { headers: z.object({ 'x-tenant': text }) },
      ['header parameter `x-tenant`: is required now'],
    ],
    [
      'an idempotency key',
      { idempotencyKey: 'optional' },
      { idempotencyKey: 'required' },
      [expect.stringMatching(/^header parameter `Idempotency-Key`: is required now$/i)],
    ],
    [
      'another path parameter',
      { path: '/orders/:id', params: z.object({ id: text }) },
      { path: '/orders/:id', params: z.object({ id: z.uuid() }) },
      expect.arrayContaining(['path parameter 1: `format` was not there, is `uuid`']),
    ],
  ])('breaks with %s', async (_, before, after, expected) => {
    expect(await breaks(before, after)).toEqual(expected);
  });

  test.each<[string, Change, Change]>([
    ['a field that is not required', body({}), body({ a: text.optional() })],
    ['a field that is no longer required', body({ a: text }), body({ a: text.optional() })],
    ['a field with a default', body({}), body({ a: text.default('x') })],
    ['a value more', body({ a: z.enum(['x']) }), body({ a: z.enum(['x', 'y']) })],
    ['any number', body({ a: z.int() }), body({ a: z.number() })],
    ['null', body({ a: text }), body({ a: text.nullable() })],
    ['an alternative more', body({ a: text }), body({ a: z.union([z.int(), text]) })],
    ['longer text', body({ a: text.max(4) }), body({ a: text.max(5) })],
    ['no pattern', body({ a: text.regex(/a/) }), body({ a: text })],
    ['the limit itself', body({ a: z.number().gt(1) }), body({ a: z.number().min(1) })],
    ['whole numbers from 1', body({ a: z.int().positive() }), body({ a: z.int().min(1) })],
    ['one of a discriminated union more', { body: union({}) }, { body: union({}, {}) }],
    ['any text that fits', body({ a: z.enum(['x']) }), body({ a: text.max(3) })],
    [
      'a key of a map',
      { body: z.partialRecord(z.enum(['a']), text) },
      { body: z.partialRecord(z.enum(['a', 'b']), text) },
    ],
    ['any media type of a range', upload('image/png'), upload('image/*')],
    [
      'a query parameter that may be repeated',
      { query: z.object({ a: z.enum(['x']).optional() }) },
      { query: z.object({ a: queryList(z.enum(['x', 'y'])) }) },
    ],
    ['unknown keys', body({ a: text }), { body: z.looseObject({ a: text }) }],
    ['a query parameter', {}, { query: z.object({ a: text.optional() }) }],
    ['a path parameter under another name', { path: '/orders/:id' }, { path: '/orders/:orderId' }],
    [
      'a component of another name',
      { body: z.strictObject({ a: text }).meta({ id: 'One' }) },
      { body: z.strictObject({ a: text }).meta({ id: 'Other' }) },
    ],
    ['other words', body({ a: text }), { ...body({ a: text.meta({ description: 'y' }) }), summary: 'y' }],
  ])('may come to be %s', async (_, before, after) => {
    expect(await breaks(before, after)).toEqual([]);
  });
});

describe('what a service gives', () => {
  test.each<[string, Change, Change, string[]]>([
    ['a field that is gone', answer({ a: text, b: text }), answer({ a: text }), ['answer 201 /b: is gone']],
    [
      'a field that may be missing',
      answer({ a: text }),
      answer({ a: text.optional() }),
      ['answer 201 /a: may be missing now'],
    ],
    [
      'a field that may be null',
      answer({ a: text }),
      answer({ a: text.nullable() }),
      ['answer 201 /a: the type `null` may be there now, a type that clients do not know'],
    ],
    [
      'another type',
      answer({ a: text }),
      answer({ a: z.int() }),
      ['answer 201 /a: the type `integer` may be there now, a type that clients do not know'],
    ],
    [
      'a value more',
      answer({ a: z.enum(['x']) }),
      answer({ a: z.enum(['x', 'y']) }),
      ['answer 201 /a: `"y"` may be there now, a value that clients do not know'],
    ],
    ['any value', answer({ a: z.enum(['x']) }), answer({ a: text }), ['answer 201 /a: was only `"x"`, is more now']],
    [
      'longer text',
      answer({ a: text.max(4) }),
      answer({ a: text.max(5) }),
      ['answer 201 /a: `maxLength` was `4`, is `5`'],
    ],
    [
      'deep inside',
      answer({ a: item(z.int().max(8)) }),
      answer({ a: item(z.int().max(9)) }),
      ['answer 201 /a/*/quantity: `maximum` was `8`, is `9`'],
    ],
    [
      'another status',
      {},
      { success: { ...base.success, status: 200 } },
      ['answer 200: may be there now, which clients do not know', 'answer 201: is gone'],
    ],
    [
      'a header less',
      { success: { ...base.success, headers: { etag: 'x' } } },
      {},
      ['answer 201 header `etag`: is gone'],
    ],
    [
      'fields that are gone in one of a discriminated union',
      answer({ a: union({}, { y: text, z: text }) }),
      answer({ a: union({}, {}) }),
      ['answer 201 /a/y: is gone', 'answer 201 /a/z: is gone'],
    ],
    [
      'one of a discriminated union more',
      answer({ a: union({ y: text }) }),
      answer({ a: union({ y: text }, { z: text }) }),
      ['answer 201 /a/type: `"b"` may be there now, a value that clients do not know'],
    ],
    [
      'a key of a map less',
      answer({ a: z.record(z.enum(['x', 'y']), text) }),
      answer({ a: z.record(z.enum(['x']), text) }),
      ['answer 201 /a/y: may be missing now'],
    ],
    [
      'another media type',
      { success: { status: 200, description: 'x', stream: { mediaType: 'text/csv' } } },
      { success: { status: 200, description: 'x', stream: { mediaType: 'text/plain' } } },
      ['answer 200: may be `text/plain` now, which clients do not know', 'answer 200: `text/csv` is gone'],
    ],
  ])('breaks with %s', async (_, before, after, expected) => {
    expect(await breaks(before, after)).toEqual(expected);
  });

  test.each<[string, Change, Change]>([
    ['with a field more', answer({ a: text }), answer({ a: text, b: text })],
    ['with a field that is always there', answer({ a: text.optional() }), answer({ a: text })],
    ['with a value less', answer({ a: z.enum(['x', 'y']) }), answer({ a: z.enum(['x']) })],
    ['never null', answer({ a: text.nullable() }), answer({ a: text })],
    ['whole numbers only', answer({ a: z.number() }), answer({ a: z.int() })],
    ['with another error', {}, { errors: ['not_found'] }],
    ['with a header more', {}, { success: { ...base.success, headers: { etag: 'x' } } }],
  ])('may come to be %s', async (_, before, after) => {
    expect(await breaks(before, after)).toEqual([]);
  });
});

describe('operations', () => {
  const get = defineOperation({ ...base, id: 'listOrders', method: 'GET' });
  const place = defineOperation(base);

  test('may be added', async () => {
    expect(compareOpenApi(await documentOf(place), await documentOf(place, get))).toEqual([]);
  });

  test('may not go, nor move to another path', async () => {
    const moved = defineOperation({ ...base, path: '/order' });
    expect(compareOpenApi(await documentOf(place, get), await documentOf(get, moved))).toEqual([
      { operation: 'POST /orders', operationId: 'placeOrder', place: 'operation', change: 'is gone' },
    ]);
  });

  test('may not ask their callers for more', () => {
    const withSecurity = (security: object[]) => ({
      paths: { '/x': { get: { operationId: 'x', responses: {}, security } } },
    });
    const changes = (before: object[], after: object[]) =>
      compareOpenApi(withSecurity(before), withSecurity(after)).map(({ place: where }) => where);
    expect(changes([], [{ bearer: [] }])).toEqual(['security']);
    expect(changes([{ bearer: ['read'] }], [{ bearer: ['read', 'write'] }])).toEqual(['security']);
    expect(changes([{ bearer: [] }, { key: [] }], [{ bearer: [] }])).toEqual(['security']);
    expect(changes([{ bearer: ['read', 'write'] }], [{ bearer: ['read'] }, { key: [] }])).toEqual([]);
    expect(changes([{ bearer: [] }], [])).toEqual([]);
  });

  test('may call a security scheme something else, but not have the key sent elsewhere', () => {
    const withScheme = (name: string, header: string) => ({
      components: { securitySchemes: { [name]: { type: 'apiKey', in: 'header', name: header, description: name } } },
      paths: { '/x': { get: { operationId: 'x', responses: {}, security: [{ [name]: [] }] } } },
    });
    expect(compareOpenApi(withScheme('key', 'x-key'), withScheme('apiKey', 'x-key'))).toEqual([]);
    expect(compareOpenApi(withScheme('key', 'x-key'), withScheme('key', 'x-api-key'))).toMatchObject([
      { place: 'security', change: '`{"key":[]}` is another scheme now' },
    ]);
  });

  test('are broken by a keyword for which there is no rule', () => {
    const withSchema = (schema: object) => ({
      paths: { '/x': { post: { requestBody: { content: { 'application/json': { schema } } }, responses: {} } } },
    });
    const change = compareOpenApi(withSchema({ not: { type: 'string' } }), withSchema({ not: { type: 'null' } }));
    expect(change).toMatchObject([{ place: 'request body', change: '`not` changed, which cannot be judged' }]);
  });

  test('are not broken by putting parts together by `allOf` or by reference', () => {
    const withBody = (schema: object, components: object) => ({
      components: { schemas: components },
      paths: { '/x': { post: { requestBody: { content: { 'application/json': { schema } } }, responses: {} } } },
    });
    const a = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
    const b = { type: 'object', properties: { b: { type: 'string' } } };
    const whole = { type: 'object', properties: { ...a.properties, ...b.properties }, required: ['a'] };
    const apart = withBody({ allOf: [{ $ref: '#/components/schemas/A' }, b] }, { A: a });
    expect(compareOpenApi(apart, withBody(whole, {}))).toEqual([]);
    expect(compareOpenApi(withBody(whole, {}), apart)).toEqual([]);
  });
});

describe('the document of the example', () => {
  const file = join(import.meta.dirname, '../../../../contracts/example-service/src/openapi.json');
  const read = () => JSON.parse(readFileSync(file, 'utf8')) as Document;

  test('breaks nothing of its own', () => {
    expect(operationsOf(read()).length).toBeGreaterThan(3);
    expect(compareOpenApi(read(), read())).toEqual([]);
  });

  test('is broken by the loss of any of its schemas’ properties', () => {
    for (const [name, schema] of Object.entries(schemasOf(read()))) {
      for (const property of Object.keys(schema.properties ?? {})) {
        const without = read();
        delete schemasOf(without)[name]!.properties![property];
        const places = compareOpenApi(read(), without).map(({ place }) => place);
        // The problem document is what errors are answered with, and those are not compared.
        if (name === 'Problem' || name === 'Violation') continue;
        expect(places, `${name}.${property}`).toContainEqual(expect.stringMatching(new RegExp(`/${property}$`)));
      }
    }
  });
});

function schemasOf(document: Document): Record<string, { properties?: Record<string, unknown> }> {
  return (document.components as { schemas: Record<string, { properties?: Record<string, unknown> }> }).schemas;
}
