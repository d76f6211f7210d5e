import { BaseResolver, createConfig, lintDocument, makeDocumentFromString } from '@redocly/openapi-core';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import {
  cursorPage,
  defineContract,
  defineOperation,
  openApiDocument,
  pageQuery,
  queryBoolean,
  queryInteger,
  queryList,
  renderOpenApi,
  type Operation,
} from './index.ts';

const order = z
  .object({
    id: z.uuid(),
    quantity: z.int().min(1).default(1),
    placedAt: z.iso.datetime(),
    tags: z.array(z.string()),
    get parts() {
      return z.array(order).optional();
    },
  })
  .meta({ id: 'Order', description: 'An order' });

const id = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
const someOrder = { id, quantity: 2, placedAt: '2026-01-02T03:04:05Z', tags: ['a'] };

const operations = [
  defineOperation({
    id: 'placeOrder',
    method: 'POST',
    path: '/orders',
    summary: 'Place an order',
    description: 'Reserves what is ordered.',
    tags: ['orders'],
    headers: z.object({ 'x-shop': z.string().meta({ description: 'Which shop' }) }),
    body: order.omit({ id: true, parts: true }),
    success: { status: 201, description: 'The order', body: order, headers: { 'x-total': 'The total.' } },
    errors: ['failed_precondition', 'already_exists', 'aborted'],
    idempotencyKey: 'required',
    examples: {
      usual: {
        summary: 'Two of them',
        headers: { 'x-shop': 'main' },
        body: { quantity: 2, placedAt: someOrder.placedAt, tags: [] },
        success: someOrder,
      },
    },
  }),
  defineOperation({
    id: 'listOrders',
    method: 'GET',
    path: '/orders',
    summary: 'All orders',
    query: pageQuery().extend({
      open: queryBoolean().optional(),
      size: queryList(queryInteger({ min: 1 })),
    }),
    success: { status: 200, description: 'A page of orders', body: cursorPage(order) },
    examples: { first: { query: { limit: 10, open: true } } },
  }),
  defineOperation({
    id: 'getOrder',
    method: 'GET',
    path: '/orders/:id',
    summary: 'One order',
    params: z.object({ id: z.uuid().meta({ description: 'Of the order' }) }),
    success: { status: 200, description: 'The order', body: order },
    errors: ['not_found'],
    examples: { usual: { params: { id }, success: someOrder } },
  }),
  defineOperation({
    id: 'cancelOrder',
    method: 'DELETE',
    path: '/orders/:order/lines/:line',
    summary: 'Cancel a line',
    deprecated: true,
    success: { status: 204, description: 'It is cancelled' },
  }),
  defineOperation({
    id: 'importOrders',
    method: 'POST',
    path: '/imports',
    summary: 'Import orders',
    upload: { mediaTypes: ['text/csv', 'image/*'], maximumBytes: 5000 },
    success: { status: 200, description: 'What became of them', stream: { mediaType: 'application/zip' } },
    security: [{ key: [] }],
    deprecated: { since: '2026-01-01', sunset: '2027-01-01', link: 'https://example.com/imports' },
  }),
  defineOperation({
    id: 'watchOrders',
    method: 'GET',
    path: '/orders/events',
    summary: 'Orders as they come',
    description: 'All of them.',
    success: { status: 200, description: 'Orders', events: order },
    security: [],
    deprecated: { since: '2026-01-01' },
  }),
] as const;

const contractOf = (...given: readonly Operation[]) =>
  defineContract({
    name: 'orders',
    version: '1.2.3',
    title: 'Orders',
    description: 'All of it',
    operations: given,
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'A token.' },
      key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      login: {
        type: 'oauth2',
        flows: {
          authorizationCode: {
            authorizationUrl: 'https://login.example.com/authorize',
            tokenUrl: 'https://login.example.com/token',
            scopes: { read: 'Read' },
          },
        },
      },
      openId: { type: 'openIdConnect', openIdConnectUrl: 'https://login.example.com/.well-known/openid-configuration' },
    },
    security: [{ bearer: [] }, { login: ['read'] }],
  });

interface Described {
  parameters?: { name: string; in: string; required?: boolean; schema: object; examples?: object }[];
  requestBody?: { content: Record<string, { schema: object; examples?: object }> };
  responses: Record<string, { description: string; headers: object; content?: Record<string, { schema: object }> }>;
  [member: string]: unknown;
}

async function describedOperation(path: string, method: string): Promise<Described> {
  const { paths } = await openApiDocument(contractOf(...operations));
  return (paths as Record<string, Record<string, Described>>)[path]![method]!;
}

/** What a public validator finds wrong: structure, references, parameters of paths, examples against their schemas. */
async function faultsOf(text: string): Promise<string[]> {
  const config = await createConfig({
    extends: ['spec'],
    rules: { 'no-invalid-media-type-examples': 'error', 'no-invalid-parameter-examples': 'error' },
  });
  const document = makeDocumentFromString(text, 'openapi.json');
  const faults = await lintDocument({ document, config, externalRefResolver: new BaseResolver() });
  return faults.map(({ ruleId, message, location }) => `${ruleId} at ${location[0]?.pointer}: ${message}`);
}

describe('the OpenAPI document', () => {
  test('is valid for a public validator', async () => {
    const text = await renderOpenApi(contractOf(...operations));
    expect(JSON.parse(text)).toMatchObject({ openapi: '3.1.1', info: { title: 'Orders', version: '1.2.3' } });
    expect(await faultsOf(text)).toEqual([]);
  });

  test('would not be valid with a broken reference, so the validator looks', async () => {
    const text = await renderOpenApi(contractOf(...operations));
    expect(await faultsOf(text.replace('#/components/schemas/Order"', '#/components/schemas/Nothing"'))).not.toEqual(
      [],
    );
  });

  test('has the same bytes each time, with a newline at the end', async () => {
    const texts = await Promise.all([1, 2, 3].map(() => renderOpenApi(contractOf(...operations))));
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toMatch(/^\{\n {2}"openapi".*\}\n$/s);
  });

  test('is valid without any operation', async () => {
    expect(await faultsOf(await renderOpenApi(contractOf()))).toEqual([]);
  });

  test('describes the success and every error through the one schema of problems', async () => {
    const { responses } = await describedOperation('/orders', 'post');
    expect(Object.keys(responses)).toEqual(['201', '400', '401', '403', '409', '413', '415', '422', 'default']);
    expect(responses['409']?.description).toContain('`already_exists`');
    expect(responses['409']?.description).toContain('`aborted`');
    for (const [status, { content }] of Object.entries(responses)) {
      if (status === '201') continue;
      expect(content).toEqual({ 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } });
    }
    expect(Object.keys((await describedOperation('/orders/{id}', 'get')).responses)).toEqual([
      '200',
      '400',
      '401',
      '403',
      '404',
      'default',
    ]);
  });

  test('has the security schemes, what is needed of them, and where something else is', async () => {
    const { components, security } = await openApiDocument(contractOf(...operations));
    expect(components).toMatchObject({ securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'x-api-key' } } });
    expect(security).toEqual([{ bearer: [] }, { login: ['read'] }]);
    expect((await describedOperation('/orders', 'get')).security).toBeUndefined();
    expect((await describedOperation('/imports', 'post')).security).toEqual([{ key: [] }]);
    const open = await describedOperation('/orders/events', 'get');
    expect(open.security).toEqual([]);
    expect(Object.keys(open.responses)).not.toContain('401');
  });

  test('has uploads, streams and events with their media types', async () => {
    const { requestBody, responses } = await describedOperation('/imports', 'post');
    expect(requestBody).toEqual({
      required: true,
      content: {
        'text/csv': { schema: { type: 'string', contentMediaType: 'text/csv', maxLength: 5000 } },
        'image/*': { schema: { type: 'string', maxLength: 5000 } },
      },
    });
    expect(responses['415']?.description).toBe('The body has another media type.');
    expect(responses['200']?.content).toEqual({
      'application/zip': { schema: { type: 'string', contentMediaType: 'application/zip' } },
    });
    expect((await describedOperation('/orders/events', 'get')).responses['200']?.content).toEqual({
      'text/event-stream': { schema: { $ref: '#/components/schemas/Order' } },
    });
  });

  test('says since when an operation is deprecated, and until when it stays', async () => {
    expect(await describedOperation('/imports', 'post')).toMatchObject({
      deprecated: true,
      'x-sunset': '2027-01-01',
      description: 'Deprecated since 2026-01-01; it may be gone from 2027-01-01 on. See https://example.com/imports.',
    });
    const { description, ...rest } = await describedOperation('/orders/events', 'get');
    expect(description).toBe('All of them.\n\nDeprecated since 2026-01-01.');
    expect(rest).not.toHaveProperty('x-sunset');
  });

  test('says that every answer carries x-request-id, and a 201 its location', async () => {
    const { responses } = await describedOperation('/orders', 'post');
    for (const { headers } of Object.values(responses)) {
      expect(headers).toMatchObject({ 'x-request-id': { $ref: '#/components/headers/RequestId' } });
    }
    expect(Object.keys(responses['201']!.headers)).toEqual(['x-request-id', 'location', 'x-total']);
  });

  test('has the parameters with their bounds, defaults and examples', async () => {
    const { parameters } = await describedOperation('/orders', 'get');
    expect(parameters).toEqual([
      {
        in: 'query',
        name: 'limit',
        description: 'How many items at most.',
        schema: { type: 'integer', minimum: 1, maximum: 100, default: 20, description: 'How many items at most.' },
        examples: { first: { value: 10 } },
      },
      expect.objectContaining({ name: 'cursor' }),
      { in: 'query', name: 'open', schema: { type: 'boolean' }, examples: { first: { value: true } } },
      expect.objectContaining({ name: 'size', schema: expect.objectContaining({ type: 'array', default: [] }) }),
    ]);
  });

  test('names the params of a path that has no schema for them', async () => {
    const { parameters, deprecated } = await describedOperation('/orders/{order}/lines/{line}', 'delete');
    expect(parameters?.map(({ name, in: place, required }) => [name, place, required])).toEqual([
      ['order', 'path', true],
      ['line', 'path', true],
    ]);
    expect(deprecated).toBe(true);
  });

  test('has the idempotency key where the operation takes one', async () => {
    const { parameters } = await describedOperation('/orders', 'post');
    expect(parameters).toContainEqual(
      expect.objectContaining({ name: 'Idempotency-Key', in: 'header', required: true }),
    );
  });

  test('has the examples of bodies and answers', async () => {
    const { requestBody, responses } = await describedOperation('/orders', 'post');
    expect(requestBody?.content['application/json']?.examples).toMatchObject({ usual: { summary: 'Two of them' } });
    expect(responses['201']?.content?.['application/json']).toMatchObject({
      examples: { usual: { value: someOrder } },
    });
  });

  test('does not forbid that a later version of the service answers with more', async () => {
    expect(await renderOpenApi(contractOf(...operations))).not.toContain('"additionalProperties": false');
  });

  test('refuses an example that its schema refuses, and says where', async () => {
    const wrong = defineOperation({
      id: 'placeOrder',
      method: 'POST',
      path: '/orders',
      summary: 'Place an order',
      body: z.object({ lines: z.array(z.object({ quantity: z.int().max(5) })) }),
      success: { status: 204, description: 'Placed' },
      examples: { tooMany: { body: { lines: [{ quantity: 1 }, { quantity: 6 }] } } },
    });
    await expect(openApiDocument(contractOf(wrong))).rejects.toThrow(TypeError);
    await expect(openApiDocument(contractOf(wrong))).rejects.toThrow(
      '`tooMany` of `placeOrder` to fit, but `body.lines.1.quantity`',
    );
  });
});
