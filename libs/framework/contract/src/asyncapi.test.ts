import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv from 'ajv';
import * as z from 'zod';
import { describe, expect, test, vi } from 'vitest';
import {
  asyncApiDocument,
  defineCommand,
  defineContract,
  defineEvent,
  defineQuery,
  renderAsyncApi,
  type Contract,
} from './index.ts';

const money = z.object({ amount: z.int(), currency: z.enum(['EUR', 'USD']).default('EUR') }).meta({ id: 'Money' });
const order = z
  .object({
    id: z.uuid(),
    total: money,
    placedAt: z.iso.datetime().meta({ description: 'When' }),
    size: z.tuple([z.number(), z.number()]),
    note: z.string().nullable(),
    labels: z.record(z.string(), z.string()).optional(),
    get parts() {
      return z.array(order).optional();
    },
  })
  .meta({ id: 'Order', description: 'An order' });
const reference = z.object({ id: z.uuid() }).meta({ id: 'Reference' });

const id = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
const someOrder = {
  ...{ id, placedAt: '2026-01-02T03:04:05Z', note: null, total: { amount: 5, currency: 'EUR' } },
  size: [1, 2],
} satisfies z.output<typeof order>;

const orderPlaced = defineEvent({
  type: 'orders.order.placed.v1',
  summary: 'An order was placed',
  description: 'Once it is paid for.',
  data: order,
  key: (data) => data.id,
  deprecated: { since: '2026-01-01', sunset: '2027-01-01' },
  examples: { usual: { summary: 'A small one', data: someOrder } },
});
const paymentSettled = defineEvent({ type: 'payments.payment.settled.v2', summary: 'Paid', data: reference });
const shipOrder = defineCommand({
  type: 'orders.order.ship.v1',
  summary: 'Ship an order',
  data: z.strictObject({ order: reference, insured: money.optional() }),
  examples: { usual: { data: { order: { id }, insured: { amount: 5 } } } },
});
const quote = defineQuery({
  type: 'orders.quote.v1',
  summary: 'What an order would cost',
  request: z.object({ items: z.array(z.string()).max(3) }),
  reply: money,
  timeoutMs: 500,
  examples: { usual: { request: { items: ['a'] }, reply: { amount: 5, currency: 'USD' } } },
});

const contractOf = (part: Partial<Contract> = {}) =>
  defineContract({
    name: 'orders',
    version: '1.2.3',
    title: 'Orders',
    description: 'All of it',
    operations: [],
    ...part,
  });
const contract = contractOf({
  publishes: [orderPlaced],
  consumes: [orderPlaced, paymentSettled],
  handles: [shipOrder],
  answers: [quote],
});

/** What the schema that AsyncAPI publishes finds wrong, and references that lead nowhere. */
function faultsOf(text: string): string[] {
  const file = createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.0.0.json');
  const schema = JSON.parse(readFileSync(file, 'utf8')) as { definitions: Record<string, unknown> };
  // The validator has this one by itself, and refuses another of the same name.
  delete schema.definitions['http://json-schema.org/draft-07/schema'];
  const validator = new Ajv({ allErrors: true, schemaId: '$id', unknownFormats: 'ignore', jsonPointers: true });
  const document = JSON.parse(text) as object;
  void validator.validate(schema, document);
  const dangling = [...text.matchAll(/"\$ref": "#\/([^"]*)"/g)].filter(
    ([, path]) =>
      path!
        .split('/')
        .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document) === undefined,
  );
  return [
    ...(validator.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message}`),
    ...dangling.map(([, path]) => `${path} is not there`),
  ];
}

interface Schema {
  required: string[];
  properties: Record<string, object>;
}

interface Described {
  channels: Record<string, { address: string | null }>;
  operations: Record<string, { action: string; tags: { name: string }[] }>;
  components: {
    messages: Record<string, { headers: Schema; payload: object; traits: object[] }>;
    messageTraits: { CloudEvent: { headers: Schema } };
    schemas: Record<string, Schema>;
  };
}

const documentOf = async (given: Contract) => (await asyncApiDocument(given)) as unknown as Described;

describe('the AsyncAPI document', () => {
  test('is valid by the schema of AsyncAPI 3.0', async () => {
    const text = await renderAsyncApi(contract);
    expect(JSON.parse(text)).toMatchObject({ asyncapi: '3.0.0', info: { title: 'Orders', version: '1.2.3' } });
    expect(faultsOf(text)).toEqual([]);
  });

  test.each([
    ['a broken reference', '"#/components/schemas/Reference"', '"#/components/schemas/Nothing"'],
    ['another action', '"action": "send"', '"action": "publish"'],
    ['a schema that is none', '"type": "object"', '"type": "thing"'],
    ['an unknown key', '"reply": {', '"answer": {'],
  ])('would not be valid with %s, so the validator looks', async (_, from, to) => {
    const text = await renderAsyncApi(contract);
    expect(faultsOf(text.replace(from, to))).not.toEqual([]);
  });

  test('has the same bytes each time, with a newline at the end', async () => {
    const texts = await Promise.all([1, 2, 3].map(() => renderAsyncApi(contract)));
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toMatch(/^\{\n {2}"asyncapi".*\}\n$/s);
  });

  test('has what makes it loaded when it is asked for, and not before', async () => {
    vi.resetModules();
    const load = vi.fn(() => ({ describeMessages: () => ({}) }));
    vi.doMock('./asyncapi-document.ts', load);
    const library = await import('./index.ts');
    expect(load).not.toHaveBeenCalled();
    await library.renderAsyncApi(contract);
    expect(load).toHaveBeenCalledOnce();
    vi.doUnmock('./asyncapi-document.ts');
  });

  test('is valid without any message', async () => {
    expect(faultsOf(await renderAsyncApi(contractOf()))).toEqual([]);
  });

  test('has a channel for each type, and what the service does there', async () => {
    const { channels, operations } = await documentOf(contract);
    const types = [orderPlaced, paymentSettled, shipOrder, quote].map(({ type }) => type);
    expect(Object.keys(channels)).toEqual([...types, 'orders.quote.v1.reply']);
    expect(channels['orders.order.placed.v1']!.address).toBe('orders.order.placed.v1');
    expect(channels['orders.quote.v1.reply']!.address).toBeNull();
    expect(Object.entries(operations).map(([name, { action, tags }]) => [name, action, tags[0]?.name])).toEqual([
      ['publish.orders.order.placed.v1', 'send', 'event'],
      ['consume.orders.order.placed.v1', 'receive', 'event'],
      ['consume.payments.payment.settled.v2', 'receive', 'event'],
      ['handle.orders.order.ship.v1', 'receive', 'command'],
      ['answer.orders.quote.v1', 'receive', 'query'],
    ]);
  });

  test('has the reply of a query, and how long it is waited for', async () => {
    const { operations, components } = await documentOf(contract);
    expect(operations['answer.orders.quote.v1']).toMatchObject({
      'x-timeout-ms': 500,
      reply: {
        channel: { $ref: '#/channels/orders.quote.v1.reply' },
        messages: [{ $ref: '#/channels/orders.quote.v1.reply/messages/orders.quote.v1.reply' }],
      },
    });
    expect(components.messages['orders.quote.v1.reply']).toMatchObject({
      payload: { $ref: '#/components/schemas/MoneyOutput' },
      examples: [{ name: 'usual', payload: { amount: 5, currency: 'USD' } }],
    });
  });

  test('has the headers of CloudEvents, with the type, and the partition key where there is one', async () => {
    const { messages, messageTraits } = (await documentOf(contract)).components;
    expect(messageTraits.CloudEvent.headers.required).toEqual(['specversion', 'id', 'source', 'type', 'time']);
    for (const { type } of [orderPlaced, paymentSettled, shipOrder, quote]) {
      expect(messages[type]!.traits).toEqual([{ $ref: '#/components/messageTraits/CloudEvent' }]);
      expect(messages[type]!.headers.properties.type).toEqual({ type: 'string', const: type });
    }
    expect(messages['orders.order.placed.v1']!.headers.properties).toHaveProperty('partitionkey');
    expect(messages['orders.order.ship.v1']!.headers.properties).not.toHaveProperty('partitionkey');
  });

  test('has schemas with an id once, and apart where what comes out of them is not what goes in', async () => {
    const { messages, schemas } = (await documentOf(contract)).components;
    expect(Object.keys(schemas)).toEqual(['Reference', 'Money', 'Order', 'MoneyOutput']);
    expect(schemas.Money!.required).toEqual(['amount']);
    expect(schemas.MoneyOutput!.required).toEqual(['amount', 'currency']);
    expect(schemas.Order!.properties.total).toEqual({ $ref: '#/components/schemas/MoneyOutput' });
    expect(schemas.Order!.properties.parts).toMatchObject({ items: { $ref: '#/components/schemas/Order' } });
    expect(messages['orders.order.placed.v1']!.payload).toEqual({ $ref: '#/components/schemas/Order' });
    expect(messages['orders.order.ship.v1']!.payload).toMatchObject({ additionalProperties: false });
  });

  test('calls a schema apart that differs by what it refers to', async () => {
    const wrapped = z.object({ money }).meta({ id: 'Wrapped' });
    const both = contractOf({
      publishes: [defineEvent({ type: 'a.b.sent.v1', summary: 'Sent', data: wrapped })],
      handles: [defineCommand({ type: 'a.b.send.v1', summary: 'Send', data: wrapped })],
    });
    const { messages, schemas } = (await documentOf(both)).components;
    expect(messages['a.b.sent.v1']!.payload).toEqual({ $ref: '#/components/schemas/WrappedOutput' });
    expect(schemas.WrappedOutput!.properties.money).toEqual({ $ref: '#/components/schemas/MoneyOutput' });
    expect(schemas.Wrapped!.properties.money).toEqual({ $ref: '#/components/schemas/Money' });
  });

  test('does not forbid that a later version of the service says more', async () => {
    const text = await renderAsyncApi(contractOf({ publishes: [orderPlaced], answers: [quote] }));
    expect(text).not.toContain('"additionalProperties": false');
  });

  test('has an event that is consumed by its type alone without a payload, and one that is published with it', async () => {
    const named = contractOf({ publishes: [orderPlaced], consumes: [orderPlaced.type, 'payments.payment.settled.v1'] });
    expect(faultsOf(await renderAsyncApi(named))).toEqual([]);
    const { operations, components } = await documentOf(named);
    expect(Object.keys(operations)).toEqual([
      'publish.orders.order.placed.v1',
      'consume.orders.order.placed.v1',
      'consume.payments.payment.settled.v1',
    ]);
    expect(components.messages['orders.order.placed.v1']!.payload).toEqual({ $ref: '#/components/schemas/Order' });
    const { payload, headers } = components.messages['payments.payment.settled.v1']!;
    expect(payload).toBeUndefined();
    expect(headers.properties.type).toEqual({ type: 'string', const: 'payments.payment.settled.v1' });
  });

  test('says since when a message is deprecated, and until when it stays', async () => {
    expect((await documentOf(contract)).components.messages['orders.order.placed.v1']).toMatchObject({
      description: 'Once it is paid for.\n\nDeprecated since 2026-01-01; it may be gone from 2027-01-01 on.',
      'x-deprecated': true,
      'x-sunset': '2027-01-01',
      examples: [{ name: 'usual', summary: 'A small one', payload: someOrder }],
    });
  });

  test('refuses an example that its schema refuses, and says where', async () => {
    const wrong = defineQuery({ ...quote, examples: { tooMany: { request: { items: ['a', 'b', 'c', 'd'] } } } });
    await expect(renderAsyncApi(contractOf({ answers: [wrong] }))).rejects.toThrow(TypeError);
    await expect(renderAsyncApi(contractOf({ answers: [wrong] }))).rejects.toThrow(
      'the example `tooMany` of `orders.quote.v1` to fit, but `request.items`',
    );
  });

  test('refuses the id of a schema that cannot name a component', async () => {
    const named = z.object({ data: z.string().meta({ id: 'Order Number' }) });
    const event = defineEvent({ type: 'a.b.sent.v1', summary: 'Sent', data: named });
    await expect(renderAsyncApi(contractOf({ publishes: [event] }))).rejects.toThrow('got `Order Number`');
  });

  test('refuses the id of a schema that what comes out of another has to have', async () => {
    const data = z.object({ money, other: z.string().meta({ id: 'MoneyOutput' }) });
    const both = contractOf({
      publishes: [defineEvent({ type: 'a.b.sent.v1', summary: 'Sent', data })],
      handles: [defineCommand({ type: 'a.b.send.v1', summary: 'Send', data: money })],
    });
    await expect(renderAsyncApi(both)).rejects.toThrow('the `id` `MoneyOutput`');
  });
});
