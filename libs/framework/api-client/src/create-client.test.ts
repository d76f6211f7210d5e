import { createCall, runInCall } from '@org/context';
import { Secret, createRotatingSecret } from '@org/config';
import { ServiceError } from '@org/errors';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { contract, getOrder } from '../test-fixtures/orders.ts';
import { json, problem, serve, type Respond, type TestServer } from '../test-fixtures/serve.ts';
import { createClient, type ClientOptions } from './index.ts';

const order = { id: '7', quantity: 2 };
const settings = ({ url }: { url: string }, timeoutMs = 5_000) => ({ url, timeoutMs });
const quick = { retry: { backoffMs: 1 } };

function clientOf(server: TestServer, options: ClientOptions = {}) {
  return createClient(contract, settings(server), { ...quick, ...options });
}

describe('a call', () => {
  test('sends what the operation states, and gives the body of its success', async () => {
    await using server = await serve((response) => json(response, 201, order));
    const client = clientOf(server);
    expect(await client.placeOrder({ body: { quantity: 2 } })).toEqual(order);
    expect(server.requests).toMatchObject([{ method: 'POST', url: '/orders', body: '{"quantity":2}' }]);
    expect(server.requests[0]!.headers).toMatchObject({
      'content-type': 'application/json',
      accept: 'application/json, application/problem+json',
      'idempotency-key': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-request-timeout': expect.stringMatching(/^(5000|4\d{3})$/),
    });
  });

  test('is typed by the schemas: what is sent, and what is received', async () => {
    const client = createClient(contract, { url: 'http://localhost', timeoutMs: 1 });
    expectTypeOf(client).toHaveProperty('touchOrder');
    expectTypeOf(client.placeOrder)
      .parameter(0)
      .toEqualTypeOf<{ readonly body: { quantity: number; note?: string | undefined } }>();
    expectTypeOf(client.getOrder).parameter(0).toEqualTypeOf<{ readonly params: { id: string } }>();
    expectTypeOf(client.getOrder).returns.resolves.toEqualTypeOf<{
      id: string;
      quantity: number;
      address?: { city: string } | undefined;
    }>();
    expectTypeOf(client.listOrders).toBeCallableWith();
    expectTypeOf(client.listOrders).toBeCallableWith({ query: { limit: 3, tag: ['a'] }, headers: { 'x-tenant': 'a' } });
    expectTypeOf(client.touchOrder).returns.resolves.toEqualTypeOf<undefined>();
    // @ts-expect-error The params are needed.
    expectTypeOf(client.getOrder).toBeCallableWith();
    // @ts-expect-error There is no such operation.
    expect(client.deleteOrder).toBeUndefined();
  });

  test('gives status and headers to whoever asks', async () => {
    await using server = await serve((response) => json(response, 201, order, { location: '/orders/7', etag: '"1"' }));
    const { status, headers, body } = await clientOf(server).placeOrder.answer({ body: { quantity: 2 } });
    expect({ status, body, location: headers.get('location') }).toEqual({
      status: 201,
      body: order,
      location: '/orders/7',
    });
  });

  test('puts params, query and headers where they belong, encoded', async () => {
    await using server = await serve((response, { url }) =>
      json(response, 200, url.includes('?') ? { items: [] } : order),
    );
    const base = { ...server, url: `${server.url}/api/v1/` };
    const client = clientOf(base);
    await client.getOrder({ params: { id: 'a/b?c#d %ü' } });
    await client.listOrders({
      query: { limit: 5, tag: ['a&b', 'c'], cursor: undefined },
      headers: { 'x-tenant': 't' },
    });
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/api/v1/orders/a%2Fb%3Fc%23d%20%25%C3%BC',
      '/api/v1/orders?limit=5&tag=a%26b&tag=c',
    ]);
    expect(server.requests[1]!.headers).toMatchObject({ 'x-tenant': 't' });
  });

  test('passes on the id and the remaining time of the current call', async () => {
    await using server = await serve((response) => json(response, 200, order));
    using call = createCall({ requestId: 'r-1', timeoutMs: 300 });
    await runInCall(call, () => clientOf(server).getOrder({ params: { id: '7' } }));
    const { headers } = server.requests[0]!;
    expect(headers['x-request-id']).toBe('r-1');
    expect(Number(headers['x-request-timeout'])).toBeLessThanOrEqual(300);
  });

  test('may send more headers, which do not replace its own', async () => {
    await using server = await serve((response) => json(response, 201, order));
    const headers = { 'if-match': '"1"', 'content-type': 'text/plain', accept: 'text/html', 'x-request-id': 'forged' };
    await clientOf(server).placeOrder({ body: { quantity: 2 } }, { headers, idempotencyKey: 'mine' });
    expect(server.requests[0]!.headers).toMatchObject({
      'if-match': '"1"',
      'content-type': 'application/json',
      accept: 'application/json, application/problem+json',
      'idempotency-key': 'mine',
      'x-request-id': expect.not.stringContaining('forged'),
    });
  });

  test.each([
    [
      'a param that is empty',
      (client: ReturnType<typeof clientOf>) => client.getOrder({ params: { id: '' } }),
      'path parameter `id`',
    ],
    ['a param of dots', (client) => client.getOrder({ params: { id: '..' } }), 'path parameter `id`'],
    ['a param that is missing', (client) => client.getOrder({ params: {} as { id: string } }), 'path parameter `id`'],
    ['half of a surrogate pair', (client) => client.getOrder({ params: { id: '\ud800' } }), 'path parameter `id`'],
    [
      'an object in the query',
      (client) => client.listOrders({ query: { cursor: {} as string } }),
      '`cursor` of the query',
    ],
    ['a number that is none', (client) => client.listOrders({ query: { limit: Number.NaN } }), '`limit` of the query'],
    [
      'a header of two lines',
      (client) => client.listOrders({ headers: { 'x-tenant': 'a\r\nb: c' } }),
      'header "x-tenant"',
    ],
    [
      'a further header that is none',
      (client) => client.listOrders({}, { headers: { 'a b': 'hunter2' } }),
      'header "a b"',
    ],
    [
      'a header that is the connection’s own',
      (client) => client.listOrders({}, { headers: { 'transfer-encoding': 'hunter2' } }),
      'the request of `listOrders`',
    ],
    [
      'a body that is no JSON',
      (client) => client.placeOrder({ body: { quantity: 1n as unknown as number } }),
      'the body',
    ],
  ] as [string, (client: ReturnType<typeof clientOf>) => Promise<unknown>, string][])(
    'with %s is refused before it is sent',
    async (_, call, place) => {
      await using server = await serve((response) => json(response, 200, order));
      const thrown = await call(clientOf(server)).catch((error: unknown) => error as ServiceError);
      expect(thrown).toMatchObject({ code: 'invalid_argument', reason: 'REQUEST_UNSENDABLE' });
      expect((thrown as Error).message).toContain(place);
      expect((thrown as Error).message).not.toContain('hunter2');
      expect(server.requests).toEqual([]);
    },
  );
});

describe('credentials', () => {
  test.each<[string, ClientOptions['credentials'], string | undefined]>([
    ['a secret', new Secret('Bearer a'), 'Bearer a'],
    ['a function', ({ id }) => `Bearer ${id}`, 'Bearer getOrder'],
    ['a function of a promise of a secret', async () => new Secret('Bearer c'), 'Bearer c'],
    ['a function that has none', () => undefined, undefined],
  ])('come from %s', async (_, credentials, expected) => {
    await using server = await serve((response) => json(response, 200, order));
    await clientOf(server, { credentials: credentials! }).getOrder({ params: { id: '7' } });
    expect(server.requests[0]!.headers.authorization).toBe(expected);
  });

  test('are those of the moment, also for a retry', async () => {
    const { secret, rotate } = createRotatingSecret('Bearer old');
    await using server = await serve((response, _, number) => {
      rotate('Bearer new');
      if (number === 1) return problem(response, 503, {});
      json(response, 200, order);
    });
    await clientOf(server, { credentials: secret }).getOrder({ params: { id: '7' } });
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
  });

  test('that cannot be had end the call, and those that never come do not hold it up', async () => {
    await using server = await serve((response) => json(response, 200, order));
    const failure = new ServiceError('unauthenticated', 'no token');
    const failing = clientOf(server, { credentials: () => Promise.reject(failure) });
    await expect(failing.getOrder({ params: { id: '7' } })).rejects.toBe(failure);
    const hanging = clientOf(server, { credentials: () => new Promise(() => {}) });
    await expect(hanging.getOrder({ params: { id: '7' } }, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    expect(server.requests).toEqual([]);
  });
});

describe('a client', () => {
  test.each(['ftp://x', 'http://user:hunter2@x', 'http://x?a=hunter2', 'http://x#hunter2', 'hunter2', ''])(
    'refuses the base URL %s without repeating it',
    (url) => {
      const create = () => createClient(contract, { url, timeoutMs: 1 });
      expect(create).toThrow(TypeError);
      expect(create).not.toThrow('hunter2');
    },
  );

  test('refuses limits that are none', () => {
    const create = () => createClient(contract, { url: 'http://x', timeoutMs: 1 }, { maximumBodyBytes: -1 });
    expect(create).toThrow(new RangeError('Expected `maximumBodyBytes` to be a number from 0 up, got `-1`'));
  });

  test('has the name of the contract, or its own, in what it says', async () => {
    const respond: Respond = (response) => problem(response, 404, { code: 'not_found', detail: 'No order' });
    await using server = await serve(respond);
    const call = { params: { id: '7' } };
    await expect(clientOf(server).getOrder(call)).rejects.toThrow('orders answered `getOrder` with 404: No order');
    await expect(clientOf(server, { name: 'ours' }).getOrder(call)).rejects.toThrow('ours answered `getOrder`');
  });

  test('has as many functions as the contract has operations', () => {
    expect(Object.keys(createClient(contract, { url: 'http://x', timeoutMs: 1 }))).toEqual(
      contract.operations.map(({ id }) => id),
    );
    expect(getOrder.id).toBe('getOrder');
  });
});
