import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createCall, runInCall } from '@org/context';
import { defineContract, defineOperation } from '@org/contract';
import { ServiceError } from '@org/errors';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { contract } from '../../test-fixtures/orders.ts';
import { json, problem, serve, type Respond } from '../../test-fixtures/serve.ts';
import { contract as streaming } from '../../test-fixtures/streams.ts';
import { createClient, type Client } from '../index.ts';
import { fakeClient, type FakeHandlers } from './index.ts';

const order = { id: '7', quantity: 2 };
const params = { id: '7' };

/** What a call comes to, as far as a caller can tell. */
async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => ({ value }),
    (error: ServiceError) => error.toJSON(),
  );
}

interface Row {
  readonly what: string;
  readonly call: (client: Client<typeof contract>) => Promise<unknown>;
  readonly handlers?: FakeHandlers<typeof contract>;
  /** What a service sends that does the same. */
  readonly respond: Respond;
}

const conflict = new ServiceError('aborted', 'Somebody else was first', {
  reason: 'ORDER_CHANGED',
  details: { version: 3 },
});
const busy = new ServiceError('unavailable', 'Nobody sees this', {
  reason: 'BUSY',
  details: { retryAfterMs: 1_500, a: 1 },
});
const invalid = {
  code: 'invalid_argument',
  reason: 'REQUEST_INVALID',
  detail: 'The request does not fit the operation placeOrder at body/quantity. See `errors`',
  errors: [{ in: 'body', pointer: '/quantity', detail: 'Too small: expected number to be >=1' }],
};

const rows: Row[] = [
  {
    what: 'a success, with defaults and what the schema leaves out',
    call: (client) => client.placeOrder({ body: { quantity: 2 } }),
    handlers: { placeOrder: ({ body }) => ({ id: `7${body.note}`, quantity: body.quantity, secret: 1 }) },
    respond: (response) => json(response, 201, order),
  },
  {
    what: 'text in the query that becomes numbers and lists',
    call: (client) => client.listOrders({ query: { limit: 3, tag: ['a', 'b'] }, headers: { 'x-tenant': 't' } }),
    handlers: {
      listOrders: ({ query, headers }) => ({
        items: [{ id: [...query.tag, headers['x-tenant']].join(), quantity: query.limit }],
      }),
    },
    respond: (response) => json(response, 200, { items: [{ id: 'a,b,t', quantity: 3 }] }),
  },
  {
    what: 'params that must be encoded',
    call: (client) => client.getOrder({ params: { id: 'a/b ü?' } }),
    handlers: { getOrder: ({ params: { id } }) => ({ id, quantity: 1 }) },
    respond: (response, { url }) =>
      json(response, 200, { id: decodeURIComponent(url.slice('/orders/'.length)), quantity: 1 }),
  },
  {
    what: 'a success without a body',
    call: (client) => client.touchOrder({ params }),
    handlers: { touchOrder: () => undefined },
    respond: (response) => response.writeHead(204).end(),
  },
  {
    what: 'status and headers',
    call: async (client) => {
      const { status, headers, body } = await client.getOrder.answer({ params });
      return { status, etag: headers.get('etag'), body };
    },
    handlers: {
      getOrder: (_, { answerHeaders }) => {
        answerHeaders.set('etag', '"1"');
        return order;
      },
    },
    respond: (response) => json(response, 200, order, { etag: '"1"' }),
  },
  {
    what: 'an error that blames the caller, with its details',
    call: (client) => client.getOrder({ params }),
    handlers: { getOrder: () => Promise.reject(conflict) },
    respond: (response) =>
      problem(response, 409, {
        code: 'aborted',
        reason: 'ORDER_CHANGED',
        detail: conflict.message,
        details: { version: 3 },
      }),
  },
  {
    what: 'an error that blames the service, without its text',
    call: (client) => client.getOrder({ params }),
    handlers: { getOrder: () => Promise.reject(busy) },
    respond: (response) =>
      problem(
        response,
        503,
        { title: 'Service Unavailable', code: 'unavailable', reason: 'BUSY' },
        { 'retry-after': '2' },
      ),
  },
  {
    what: 'an error that nobody foresaw',
    call: (client) => client.getOrder({ params }),
    handlers: {
      getOrder: () => {
        throw new TypeError('x is undefined');
      },
    },
    respond: (response) => problem(response, 500, { title: 'Internal Server Error', code: 'internal' }),
  },
  {
    what: 'an input that does not fit',
    call: (client) => client.placeOrder({ body: { quantity: 0 } }),
    handlers: { placeOrder: () => expect.fail('was called') },
    respond: (response) => problem(response, 400, invalid),
  },
  {
    what: 'an input that no request can hold',
    call: (client) => client.getOrder({ params: { id: '..' } }),
    respond: () => expect.fail('was called'),
  },
  {
    what: 'a caller who is gone',
    call: (client) => client.getOrder({ params }, { signal: AbortSignal.abort() }),
    respond: () => expect.fail('was called'),
  },
  {
    what: 'an example of the contract',
    call: (client) => client.getOrder({ params }),
    respond: (response) => json(response, 200, order),
  },
];

describe('the fake and the real client come to the same', () => {
  test.each(rows)('with $what', async ({ call, handlers, respond }) => {
    await using server = await serve(respond);
    const real = createClient(contract, { url: server.url, timeoutMs: 5_000 }, { retry: false });
    const { client: fake } = fakeClient(contract, handlers);
    const [ofFake, ofReal] = [await outcomeOf(call(fake)), await outcomeOf(call(real))];
    expect(ofFake).toEqual(ofReal);
    expect(ofFake).toBeDefined();
  });

  test('when the time is over, but for where it was', async () => {
    const { client } = fakeClient(contract, { getOrder: () => new Promise<never>(() => {}) });
    await expect(client.getOrder({ params }, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
      reason: 'DEADLINE_EXCEEDED',
    });
  });
});

describe('a fake', () => {
  test('has handlers of the types of the contract', () => {
    fakeClient(contract, {
      placeOrder: ({ body }) => {
        expectTypeOf(body).toEqualTypeOf<{ quantity: number; note: string }>();
        return order;
      },
      // @ts-expect-error An order has a quantity.
      getOrder: () => ({ id: '7' }),
    });
    // @ts-expect-error There is no such operation.
    fakeClient(contract, { deleteOrder: () => undefined });
  });

  test('remembers its calls, as handlers are given them', async () => {
    const { client, calls } = fakeClient(contract, { placeOrder: () => order });
    using call = createCall({ requestId: 'r-1' });
    await runInCall(call, () => client.placeOrder({ body: { quantity: 2 } }, { idempotencyKey: 'k-1' }));
    await client.placeOrder({ body: { quantity: 0 } }).catch(() => {});
    expect(calls).toMatchObject([
      {
        operation: 'placeOrder',
        input: { params: {}, body: { quantity: 2, note: '' } },
        headers: { 'x-request-id': 'r-1', 'idempotency-key': 'k-1' },
      },
      { operation: 'placeOrder', input: { body: { quantity: 0 } } },
    ]);
  });

  test('without handler and example says so', async () => {
    const { client } = fakeClient(contract);
    await expect(client.touchOrder({ params })).rejects.toThrow(
      'The fake of orders has no handler for `touchOrder`, and the contract no example',
    );
    await expect(client.listOrders()).rejects.toMatchObject({ code: 'unimplemented' });
  });

  test('has no handler for an operation only because objects have something of its name', async () => {
    const { success } = contract.operations[1];
    const odd = defineOperation({ id: 'constructor', method: 'GET', path: '/', summary: 'Odd', success });
    const { client } = fakeClient(defineContract({ ...contract, operations: [odd] }));
    await expect(client.constructor()).rejects.toMatchObject({ code: 'unimplemented' });
  });

  test('says what its own handler did wrong', async () => {
    const failure = new TypeError('x is undefined');
    const { client } = fakeClient(contract, {
      placeOrder: () => ({ id: 7 }) as never,
      getOrder: () => Promise.reject(failure),
    });
    await expect(client.placeOrder({ body: { quantity: 2 } })).rejects.toMatchObject({
      code: 'internal',
      reason: 'RESPONSE_INVALID',
      message: expect.stringContaining('The fake of `placeOrder` gave what its contract does not promise at `/id`: '),
    });
    await expect(client.getOrder({ params })).rejects.toMatchObject({ code: 'internal', cause: failure });
  });

  test('is called once, whatever comes of it', async () => {
    const { client, calls } = fakeClient(contract, {
      getOrder: () => Promise.reject(new ServiceError('unavailable', 'busy')),
    });
    for (let call = 0; call < 50; call += 1) {
      await expect(client.getOrder({ params })).rejects.toMatchObject({ code: 'unavailable' });
    }
    expect(calls).toHaveLength(50);
  });

  test('takes and gives streams', async () => {
    const { client } = fakeClient(streaming, {
      importOrders: async ({ body }) => ({ bytes: `${body.mediaType}${await text(body.stream)}`.length }),
      exportOrders: () => 'id\n7\n',
      watchOrders: async function* () {
        yield { id: '1', event: 'placed', data: { id: '7' } };
        yield { data: { id: '8', secret: 1 } };
      },
    });
    const upload = { mediaType: 'text/csv', content: Readable.from(['id\n', '7\n']) };
    expect(await client.importOrders({ body: upload })).toEqual({ bytes: 13 });
    expect(await text(Readable.from(await client.exportOrders()))).toBe('id\n7\n');
    expect(await Array.fromAsync(await client.watchOrders())).toEqual([
      { id: '1', event: 'placed', data: { id: '7' } },
      { data: { id: '8' } },
    ]);
  });
});
