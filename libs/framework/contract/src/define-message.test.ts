import * as z from 'zod';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  defineCommand,
  defineContract,
  defineEvent,
  defineQuery,
  splitMessageType,
  type Contract,
  type EventMessage,
  type Message,
  type Received,
  type Sent,
} from './index.ts';

const order = z.object({ id: z.uuid(), quantity: z.int().default(1) });
const olderOrder = z.object({ id: z.uuid(), count: z.string() });
const summary = 'An order was placed';

const orderPlacedV1 = defineEvent({ type: 'orders.order.placed.v1', summary, data: olderOrder });
const orderPlaced = defineEvent({
  type: 'orders.order.placed.v2',
  summary,
  data: order,
  key: ({ id, quantity }) => `${id}/${quantity.toFixed()}`,
  upcast: { from: orderPlacedV1, map: ({ id, count }) => ({ id, quantity: Number(count) }) },
});
const shipOrder = defineCommand({ type: 'orders.order.ship.v1', summary: 'Ship it', data: z.object({ id: z.uuid() }) });
const quote = defineQuery({
  type: 'orders.quote.v1',
  summary: 'What it would cost',
  request: z.object({ quantity: z.int().default(1) }),
  reply: z.object({ total: z.int().default(0) }),
  timeoutMs: 500,
});

describe('defineEvent, defineCommand and defineQuery', () => {
  test('give plain data that keeps its literal types', () => {
    expectTypeOf(orderPlaced.type).toEqualTypeOf<'orders.order.placed.v2'>();
    expectTypeOf(orderPlaced.kind).toEqualTypeOf<'event'>();
    expectTypeOf(quote.type).toEqualTypeOf<'orders.quote.v1'>();
    const messages: readonly Message[] = [orderPlacedV1, orderPlaced, shipOrder, quote];
    expect(messages.map(({ kind, type }) => [kind, type])).toEqual([
      ['event', 'orders.order.placed.v1'],
      ['event', 'orders.order.placed.v2'],
      ['command', 'orders.order.ship.v1'],
      ['query', 'orders.quote.v1'],
    ]);
    expect(quote).toEqual({ ...quote, kind: 'query', summary: 'What it would cost', timeoutMs: 500 });
  });

  test('have what goes into the schema for the sender, and what comes out of it for the receiver', () => {
    type Data = (typeof orderPlaced)['data'];
    expectTypeOf<Sent<Data>>().toEqualTypeOf<{ id: string; quantity?: number | undefined }>();
    expectTypeOf<Received<Data>>().toEqualTypeOf<{ id: string; quantity: number }>();
    expectTypeOf<Received<(typeof quote)['request']>>().toEqualTypeOf<{ quantity: number }>();
    expectTypeOf<Sent<(typeof quote)['reply']>>().toEqualTypeOf<{ total?: number | undefined }>();
    const publish = <Schema extends z.ZodType>(event: EventMessage<Schema>, data: Sent<Schema>) =>
      event.data.parse(data);
    publish(orderPlaced, { id: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff' });
    // @ts-expect-error The id is a text.
    expect(() => publish(orderPlaced, { id: 1 })).toThrow();
  });

  test('give the key what comes out of the schema', () => {
    expect(orderPlaced.key?.({ id: 'a', quantity: 2 })).toBe('a/2');
  });

  test('take the older major to what goes into the schema of the newer one', () => {
    expect(orderPlaced.upcast?.from).toBe(orderPlacedV1);
    expect(orderPlaced.upcast?.map({ id: 'a', count: '2' })).toEqual({ id: 'a', quantity: 2 });
    // An upcast of an upcast: what is older still arrives in two steps.
    const third = defineEvent({
      type: 'orders.order.placed.v3',
      summary,
      data: z.object({ id: z.uuid(), pieces: z.int() }),
      upcast: { from: orderPlaced, map: ({ id, quantity }) => ({ id, pieces: quantity }) },
    });
    expect(third.upcast?.from.upcast?.from).toBe(orderPlacedV1);
    defineEvent({
      type: 'orders.order.placed.v3',
      summary,
      data: order,
      // @ts-expect-error The quantity is a number.
      upcast: { from: orderPlacedV1, map: ({ id, count }) => ({ id, quantity: count }) },
    });
  });

  test('refuse examples that do not fit, before they run', () => {
    defineEvent({
      type: 'orders.order.placed.v1',
      summary,
      data: order,
      // @ts-expect-error Consumers get the quantity.
      examples: { wrong: { data: { id: 'x' } } },
    });
    defineCommand({ type: 'orders.order.ship.v1', summary, data: order, examples: { usual: { data: { id: 'x' } } } });
  });
});

describe('the type of a message', () => {
  const data = z.object({});

  test.each([
    'orders.order.placed',
    'orders.order.placed.1',
    'orders.order.placed.v0',
    'orders.order.placed.v01',
    'orders.order.placed.v1.2',
    'orders.placed.v1',
    'orders.order.item.placed.v1',
    'Orders.order.placed.v1',
    'orders.order.placed.V1',
    'orders..placed.v1',
    'orders.order_placed.placed.v1',
    'orders.-order.placed.v1',
    'orders.order.placed.v1\n',
    'orders.*.placed.v1',
    `orders.order.${'a'.repeat(190)}.v1`,
    '',
  ])('is none when it is `%s`', (type) => {
    expect(() => defineEvent({ type, summary, data })).toThrow(TypeError);
    expect(() => defineCommand({ type, summary, data })).toThrow(`got \`${type}\``);
  });

  test('may have words of several parts, and two words before the version of a query', () => {
    const type = 'back-office.order-2.was-placed.v12';
    expect(splitMessageType(defineEvent({ type, summary, data }).type)).toEqual({
      name: 'back-office.order-2.was-placed',
      major: 12,
    });
    for (const each of ['orders.quote.v1', 'orders.price.quote.v1']) {
      expect(defineQuery({ type: each, summary, request: data, reply: data }).type).toBe(each);
    }
    expect(() => defineQuery({ type: 'quote.v1', summary, request: data, reply: data })).toThrow(TypeError);
  });

  test('is taken apart, unless no contract could name it', () => {
    expect(splitMessageType('orders.quote.v3')).toEqual({ name: 'orders.quote', major: 3 });
    expect(splitMessageType('com.github.pull.create')).toBeUndefined();
    expect(splitMessageType(`a.b.${'c'.repeat(200)}.v1`)).toBeUndefined();
  });
});

describe('a message refuses', () => {
  const upcast = (from: EventMessage) => () =>
    defineEvent({ type: 'orders.order.placed.v2', summary, data: order, upcast: { from, map: () => ({ id: '' }) } });
  const event = (type: string) => defineEvent({ type, summary, data: order });
  const query = (timeoutMs: number) => () =>
    defineQuery({ type: 'orders.quote.v1', summary, request: order, reply: order, timeoutMs });

  test.each<[string, () => unknown, string]>([
    ['an upcast from another event', upcast(event('orders.order.shipped.v1')), '`orders.order.shipped.v1`'],
    ['one from the same major', upcast(event('orders.order.placed.v2')), 'got the event `orders.order.placed.v2`'],
    [
      'one from a newer major',
      upcast(event('orders.order.placed.v3')),
      'older major of the event `orders.order.placed`',
    ],
    ['one from a command', upcast({ ...shipOrder, type: 'orders.order.placed.v1' } as never), 'got the command'],
    ['a time-out of nothing', query(0), '`timeoutMs` to be an integer from 1 up, got `0`'],
    ['a time-out of half a millisecond', query(0.5), 'in the query `orders.quote.v1`'],
    [
      'days that there are not',
      () => defineEvent({ type: 'a.b.c.v1', summary, data: order, deprecated: { since: '2026-02-30' } }),
      'in the event `a.b.c.v1`',
    ],
  ])('%s', (_, define, mentioned) => {
    expect(define).toThrow(TypeError);
    expect(define).toThrow(mentioned);
  });
});

describe('a contract over a message broker', () => {
  const contract = (part: Partial<Contract>) =>
    defineContract({ name: 'orders', version: '1.0.0', title: 'Orders', operations: [], ...part });

  test('has several majors side by side, and may consume what it publishes', () => {
    const publishes = [orderPlacedV1, orderPlaced];
    expect(contract({ publishes, consumes: publishes, handles: [shipOrder], answers: [quote] })).toMatchObject({
      publishes,
    });
  });

  test('names what it consumes by its type, also what it publishes itself', () => {
    const consumes = ['payments.payment.settled.v1', orderPlaced.type];
    expect(contract({ publishes: [orderPlaced], consumes })).toMatchObject({ consumes });
  });

  test('keeps the types of its messages', () => {
    const defined = defineContract({
      ...{ name: 'orders', version: '1.0.0', title: 'Orders', operations: [] },
      publishes: [orderPlaced],
    });
    expectTypeOf(defined.publishes[0].type).toEqualTypeOf<'orders.order.placed.v2'>();
  });

  const sameType = defineCommand({ type: 'orders.order.placed.v1', summary, data: order });
  test.each<[string, Partial<Contract>, string]>([
    ['an event twice', { publishes: [orderPlaced, orderPlaced] }, 'in `publishes` and in `publishes`'],
    ['an event and a command of one type', { consumes: [orderPlacedV1], handles: [sameType] }, 'and in `handles`'],
    [
      'another event of the same type among what it consumes',
      { publishes: [orderPlaced], consumes: [{ ...orderPlaced }] },
      '`orders.order.placed.v2` in `publishes` and in `consumes`',
    ],
    [
      'a type beside the event of it',
      { consumes: [orderPlacedV1, orderPlacedV1.type] },
      '`orders.order.placed.v1` in `consumes` and in `consumes`',
    ],
    ['what is no type of an event', { consumes: ['orders.quote.v1'] }, 'got `orders.quote.v1` in `consumes`'],
    ['a command among events', { publishes: [shipOrder as never] }, '`publishes` to hold what `defineEvent` gives'],
    ['an event among queries', { answers: [orderPlaced as never] }, 'got the event `orders.order.placed.v2`'],
  ])('refuses %s', (_, part, mentioned) => {
    expect(() => contract(part)).toThrow(TypeError);
    expect(() => contract(part)).toThrow(mentioned);
  });
});
