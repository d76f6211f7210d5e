import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import {
  asyncApiDocument,
  defineCommand,
  defineContract,
  defineEvent,
  defineQuery,
  type Contract,
  type EventMessage,
  type MessagePromises,
} from '../index.ts';
import { compareAsyncApi } from './compare-asyncapi.ts';

const text = z.string();
const none = z.object({});
const plain: Contract = { name: 'orders', version: '1.0.0', title: 'Orders', operations: [] };

const event = (data: z.ZodType, type = 'orders.order.placed.v1', key?: () => string): EventMessage =>
  defineEvent({ type, summary: 'x', data, ...(key && { key }) });
const command = (data: z.ZodType) => defineCommand({ type: 'orders.order.ship.v1', summary: 'x', data });
const query = (request: z.ZodType, reply: z.ZodType) =>
  defineQuery({ type: 'orders.quote.v1', summary: 'x', request, reply });

/** What a change breaks, as `operation: place: change`. */
async function breaks(before: MessagePromises, after: MessagePromises): Promise<string[]> {
  const [older, newer] = await Promise.all(
    [before, after].map((each) => asyncApiDocument(defineContract({ ...plain, ...each }))),
  );
  return compareAsyncApi(older!, newer!).map(({ operation, place, change }) => `${operation}: ${place}: ${change}`);
}

const publishes = (shape: z.core.$ZodLooseShape) => ({ publishes: [event(z.object(shape))] });
const handles = (shape: z.core.$ZodLooseShape) => ({ handles: [command(z.strictObject(shape))] });
const asked = (shape: z.core.$ZodLooseShape) => ({ answers: [query(z.strictObject(shape), none)] });
const replied = (shape: z.core.$ZodLooseShape) => ({ answers: [query(none, z.object(shape))] });
const tuple = (...items: [z.ZodType, ...z.ZodType[]]) => publishes({ a: z.tuple(items) });
const named = (id: string, leaf: z.ZodType) => {
  const node: z.ZodType = z
    .object({
      leaf,
      get children() {
        return z.array(node).optional();
      },
    })
    .meta({ id });
  return { publishes: [event(node)] };
};

describe('what was promised over a broker', () => {
  test.each<[string, MessagePromises, MessagePromises, string[]]>([
    [
      'an event without a field that it had',
      publishes({ a: text, b: text }),
      publishes({ a: text }),
      ['event orders.order.placed.v1: data /b: is gone'],
    ],
    [
      'a field of an event that may be missing',
      publishes({ a: text }),
      publishes({ a: text.optional() }),
      ['event orders.order.placed.v1: data /a: may be missing now'],
    ],
    [
      'a value of an event that consumers do not know',
      publishes({ a: z.enum(['x']) }),
      publishes({ a: z.enum(['x', 'y']) }),
      ['event orders.order.placed.v1: data /a: `"y"` may be there now, a value that clients do not know'],
    ],
    [
      'another type in a tuple',
      tuple(text, z.int()),
      tuple(text, z.number()),
      ['event orders.order.placed.v1: data /a/1: the type `number` may be there now, a type that clients do not know'],
    ],
    [
      'a longer tuple',
      tuple(text),
      tuple(text, text),
      expect.arrayContaining(['event orders.order.placed.v1: data /a: `maxItems` was `1`, is `2`']),
    ],
    [
      'something deep in a schema that contains itself',
      named('Node', text.max(4)),
      named('Node', text.max(5)),
      ['event orders.order.placed.v1: data /leaf: `maxLength` was `4`, is `5`'],
    ],
    [
      'a command that asks for more',
      handles({ a: text.optional() }),
      handles({ a: text, b: text }),
      [
        'command orders.order.ship.v1: data /a: is required now',
        'command orders.order.ship.v1: data /b: is required now',
      ],
    ],
    [
      'a command that takes less',
      handles({ a: text, b: text.optional() }),
      handles({ a: text }),
      ['command orders.order.ship.v1: data /b: is no longer taken'],
    ],
    [
      'a query that asks for more',
      asked({}),
      asked({ a: text }),
      ['query orders.quote.v1: request /a: is required now'],
    ],
    [
      'a reply that says less',
      replied({ a: text, b: text }),
      replied({ a: text }),
      ['query orders.quote.v1: reply /b: is gone'],
    ],
    ['an event that is gone', publishes({}), {}, ['event orders.order.placed.v1: event: is gone']],
    ['a command that is gone', handles({}), {}, ['command orders.order.ship.v1: command: is gone']],
    ['a query that is gone', asked({}), {}, ['query orders.quote.v1: query: is gone']],
    [
      'an event that is only consumed any more',
      publishes({}),
      { consumes: [event(none)] },
      ['event orders.order.placed.v1: event: is gone'],
    ],
    [
      'a new major in place of the old one',
      publishes({}),
      { publishes: [event(none, 'orders.order.placed.v2')] },
      ['event orders.order.placed.v1: event: is gone'],
    ],
  ])('is broken by %s', async (_, before, after, expected) => {
    expect(await breaks(before, after)).toEqual(expected);
  });

  test.each<[string, MessagePromises, MessagePromises]>([
    ['an event, a command or a query more', {}, { ...publishes({}), ...handles({}), answers: asked({}).answers }],
    ['a field more of an event', publishes({ a: text }), publishes({ a: text, b: text })],
    ['a field that is always there now', publishes({ a: text.optional() }), publishes({ a: text })],
    ['a default of a field that was always there', publishes({ a: text }), publishes({ a: text.default('x') })],
    ['a command that takes more', handles({ a: text }), handles({ a: text.optional(), b: text.optional() })],
    ['a query that takes more', asked({}), asked({ a: text.optional() })],
    ['a reply that says more', replied({}), replied({ a: text })],
    ['another type that it consumes', { consumes: [event(z.object({ a: text }))] }, { consumes: [event(none)] }],
    ['an event that it no longer consumes', { consumes: [event(none)] }, {}],
    [
      'a new major beside the old one',
      publishes({ a: text }),
      { publishes: [event(z.object({ a: text })), event(none, 'orders.order.placed.v2')] },
    ],
    ['a partition key', { publishes: [event(none)] }, { publishes: [event(none, undefined, () => 'a')] }],
    ['no partition key', { publishes: [event(none, undefined, () => 'a')] }, { publishes: [event(none)] }],
    ['a component of another name', named('One', text), named('Other', text)],
    ['a tuple as it was', tuple(text, z.int()), tuple(text, z.int())],
  ])('is kept with %s', async (_, before, after) => {
    expect(await breaks(before, after)).toEqual([]);
  });

  test('is named with its type, for whoever looks for its users', async () => {
    const older = await asyncApiDocument(defineContract({ ...plain, ...publishes({}) }));
    expect(compareAsyncApi(older, {})).toEqual([
      {
        operation: 'event orders.order.placed.v1',
        type: 'orders.order.placed.v1',
        place: 'event',
        change: 'is gone',
      },
    ]);
  });
});
