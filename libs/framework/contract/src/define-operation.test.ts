import * as z from 'zod';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  defineContract,
  defineOperation,
  securityOf,
  type Contract,
  type Deprecation,
  type Operation,
  type OperationTypes,
  type SecurityScheme,
  type ServerSentEvent,
  type StreamContent,
  type Upload,
  type UploadContent,
  type UploadRule,
} from './index.ts';

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
      client: {
        params: { customer: string };
        query: { dry?: string | undefined };
        headers: undefined;
        body: { quantity?: number | undefined; note?: string | undefined };
        success: { id: string; quantity: number; note?: string | undefined };
      };
    }>();
  });

  test('gives handlers an upload, takes streams and events from them, and has the other side of each for clients', () => {
    const importOrders = defineOperation({
      id: 'importOrders',
      method: 'POST',
      path: '/imports',
      summary: 'Import orders',
      upload: { mediaTypes: ['text/csv', 'application/*'], maximumBytes: 1_000_000 },
      success: { status: 200, description: 'What became of them', stream: { mediaType: 'text/csv; charset=utf-8' } },
    });
    const watchOrders = defineOperation({
      id: 'watchOrders',
      method: 'GET',
      path: '/orders/events',
      summary: 'Orders as they come',
      success: { status: 200, description: 'Orders', events: order },
    });
    type Import = TypesOf<typeof importOrders>;
    expectTypeOf<Import['body']>().toEqualTypeOf<Upload>();
    expectTypeOf<Import['success']>().toEqualTypeOf<StreamContent>();
    expectTypeOf<Import['client']['body']>().toEqualTypeOf<UploadContent>();
    expectTypeOf<Import['client']['success']>().toEqualTypeOf<AsyncIterable<Uint8Array>>();
    expect(importOrders.upload?.mediaTypes).toEqual(['text/csv', 'application/*']);
    expect(watchOrders.success.events).toBe(order);
    type Watch = TypesOf<typeof watchOrders>;
    expectTypeOf<Watch['success']>().toEqualTypeOf<AsyncIterable<ServerSentEvent<z.input<typeof order>>>>();
    expectTypeOf<Watch['client']['success']>().toEqualTypeOf<AsyncIterable<ServerSentEvent<z.output<typeof order>>>>();
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
    expectTypeOf(placeOrder.id).toEqualTypeOf<'placeOrder'>();
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
    ['two bodies of the answer', { ...plain, success: { ...success, body, events: body } }, '`body` and `events`'],
    ['events of a 202', { ...plain, success: { ...success, status: 202, events: body } }, '`202`'],
    ['a stream of a 204', { ...plain, success: { ...success, status: 204, stream: { mediaType: 'a/b' } } }, '204'],
    ['a stream of no type', { ...plain, success: { ...success, stream: { mediaType: 'csv' } } }, '`csv`'],
    ['a stream of any type', { ...plain, success: { ...success, stream: { mediaType: 'text/*' } } }, '`text/*`'],
  ])('%s', (_, definition, mentioned) => {
    expect(() => defineOperation(definition)).toThrow(TypeError);
    expect(() => defineOperation(definition)).toThrow(mentioned);
  });
});

describe('defineOperation holds uploads and keys', () => {
  const success = { status: 200, description: 'Done' };
  const define = (part: Partial<Operation>) =>
    defineOperation({ id: 'put', method: 'POST', path: '/', summary: 'Put', success, ...part } as Operation as never);

  test.each<[string, UploadRule]>([
    ['no media types', { mediaTypes: [] }],
    ['half a media type', { mediaTypes: ['text'] }],
    ['a range of types with a subtype', { mediaTypes: ['*/csv'] }],
    ['upper case', { mediaTypes: ['Text/CSV'] }],
    ['a parameter', { mediaTypes: ['text/csv; charset=utf-8'] }],
    ['no bytes', { mediaTypes: ['text/csv'], maximumBytes: 0 }],
    ['half a byte', { mediaTypes: ['text/csv'], maximumBytes: 0.5 }],
  ])('and refuses an upload of %s', (_, upload) => {
    expect(() => define({ upload })).toThrow(TypeError);
  });

  test('and takes ranges', () => {
    expect(define({ upload: { mediaTypes: ['image/*', '*/*', 'application/vnd.a+json'] } }).upload).toBeDefined();
  });

  const upload = { mediaTypes: ['text/csv'] };
  test.each<[string, Partial<Operation>]>([
    ['a GET with an upload', { method: 'GET', upload }],
    ['a body besides an upload', { body: z.object({}), upload }],
    ['an idempotency key of an upload', { upload, idempotencyKey: 'optional' }],
    ['one of a stream', { idempotencyKey: 'optional', success: { ...success, stream: { mediaType: 'a/b' } } }],
    ['one of events', { idempotencyKey: 'required', success: { ...success, events: z.string() } }],
  ])('and refuses %s', (_, part) => {
    expect(() => define(part)).toThrow(TypeError);
  });

  test.each<[string, Deprecation]>([
    ['a day that there is not', { since: '2026-02-30' }],
    ['a time', { since: '2026-02-03T00:00:00Z' }],
    ['a day in another order', { since: '03-02-2026' }],
    ['a sunset that is no day', { since: '2026-02-03', sunset: 'soon' }],
    ['a sunset before its sunrise', { since: '2026-02-03', sunset: '2026-02-02' }],
    ['a link that is none', { since: '2026-02-03', link: '/changes' }],
    ['a link that runs', { since: '2026-02-03', link: 'javascript:alert(1)' }],
  ])('and refuses %s as deprecation', (_, deprecated) => {
    expect(() => define({ deprecated })).toThrow(TypeError);
  });

  test('and takes a deprecation that ends on its first day', () => {
    const deprecated = { since: '2028-02-29', sunset: '2028-02-29', link: 'https://example.com/changes' };
    expect(define({ deprecated }).deprecated).toEqual(deprecated);
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

describe('the security of a contract', () => {
  const bearer = { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } as const;
  const key = { type: 'apiKey', in: 'header', name: 'x-api-key' } as const;
  const login = {
    type: 'oauth2',
    flows: { clientCredentials: { tokenUrl: 'https://login.example.com/token', scopes: { 'orders:read': 'Read' } } },
  } as const;
  const operation = (security?: Operation['security']) =>
    defineOperation({
      id: 'get',
      method: 'GET',
      path: '/',
      summary: 'Get',
      success: { status: 204, description: 'Got' },
      ...(security && { security }),
    });
  const contract = (part: Partial<Contract>) =>
    defineContract({ name: 'things', version: '1.0.0', title: 'Things', operations: [operation()], ...part });

  test('holds where an operation says nothing else', () => {
    const securitySchemes = { bearer, key, login };
    const stated = contract({
      securitySchemes,
      security: [{ bearer: ['admin'] }, { key: [], login: ['orders:read'] }],
    });
    expect(securityOf(stated, operation())).toBe(stated.security);
    expect(securityOf(stated, operation([{ key: [] }]))).toEqual([{ key: [] }]);
    expect(securityOf(stated, operation([]))).toEqual([]);
    expect(securityOf(contract({}), operation())).toEqual([]);
    expect(contract({ securitySchemes, security: [{}, { bearer: [] }] }).security).toHaveLength(2);
  });

  test.each<[string, Partial<Contract>, string]>([
    ['a requirement of a scheme that there is not', { security: [{ bearer: [] }] }, 'the contract'],
    ['one of an operation', { operations: [operation([{ bearer: [] }])] }, '`get`'],
    ['one that every object has', { securitySchemes: { bearer }, security: [{ constructor: [] }] }, '`constructor`'],
    [
      'an alternative of a scheme that there is not',
      { securitySchemes: { bearer }, security: [{}, { key: [] }] },
      '`key`',
    ],
    ['a scope that no flow has', { securitySchemes: { login }, security: [{ login: ['x'] }] }, '`x`'],
  ])('refuses %s', (_, part, mentioned) => {
    expect(() => contract(part)).toThrow(TypeError);
    expect(() => contract(part)).toThrow(mentioned);
  });

  test.each<[string, SecurityScheme]>([
    ['an upper-case header', { ...key, name: 'X-API-Key' }],
    ['a header that is none', { ...key, name: 'a b' }],
    ['no flows', { type: 'oauth2', flows: {} }],
    ['an address that is none', { type: 'openIdConnect', openIdConnectUrl: 'login' }],
  ])('refuses a scheme with %s', (_, scheme) => {
    expect(() => contract({ securitySchemes: { scheme } })).toThrow('`scheme`');
  });
});
