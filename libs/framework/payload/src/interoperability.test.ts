import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CloudEvent as SdkEvent, HTTP, type Message } from 'cloudevents';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createEvent,
  decodeBatch,
  decodeMessage,
  encodeBatch,
  encodeBinary,
  encodeStructured,
  httpBinding,
  type CloudEvent,
  type ReceivedMessage,
  type WireMessage,
} from './index.ts';

// Messages go through a real server in between, which echoes what it gets: headers are what HTTP makes of them.

const server = createServer((request, response) => {
  for (const [name, value] of Object.entries(request.headers)) {
    if (name.startsWith('ce-') || name === 'content-type') response.setHeader(name, value ?? '');
  }
  request.pipe(response);
});
beforeAll(async () => void (await once(server.listen(0, '127.0.0.1'), 'listening')));
afterAll(() => void server.close());

async function overHttp({ headers, body }: WireMessage): Promise<ReceivedMessage & { text: string }> {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: Buffer.from(body) });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { headers: Object.fromEntries(response.headers), body: bytes, text: bytes.toString() };
}

const fromSdk = (message: Message): Promise<ReceivedMessage & { text: string }> => {
  const body = message.body as string | Uint8Array | undefined;
  return overHttp({ headers: message.headers as Record<string, string>, body: Buffer.from(body ?? '') });
};

const attributes = {
  id: 'A234-1234',
  source: '/services/orders',
  type: 'orders.order.placed.v1',
  time: '2026-01-31T10:00:00.000Z',
  subject: 'o1',
  dataschema: 'https://example.com/orders/v1',
  datacontenttype: 'application/json',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  partitionkey: 'c1',
};
const events: [string, object][] = [
  ['a JSON object', { data: { quantity: 1, note: 'Euro € 😀' } }],
  ['a JSON array', { data: [1, 'two', null] }],
  ['text', { data: 'a,b\nc,€', datacontenttype: 'text/plain' }],
  ['no data', { datacontenttype: undefined }],
];
const ours = (given: object): CloudEvent => {
  const stated = Object.entries({ specversion: '1.0', ...attributes, ...given }).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(stated) as unknown as CloudEvent;
};
const theirs = (given: object) => new SdkEvent({ ...attributes, ...given });
/** What stands in an event of the SDK, without what it has beside the attributes. */
const plain = (event: SdkEvent<unknown>) => JSON.parse(JSON.stringify(event)) as unknown;

describe.each(events)('the SDK of CloudEvents and this library exchange an event over HTTP: %s', (_, given) => {
  test('binary, to the SDK', async () => {
    const { headers, text } = await overHttp(encodeBinary(ours(given), httpBinding));
    const read = HTTP.toEvent({ headers: headers as Record<string, string>, body: text }) as SdkEvent<unknown>;
    expect(plain(read)).toEqual({ ...ours(given), ...('data' in given ? {} : { data: '' }) });
    expect(read.validate()).toBe(true);
  });

  test('binary, from the SDK', async () => {
    const read = decodeMessage(await fromSdk(HTTP.binary(theirs(given))), httpBinding);
    // The SDK writes a content type also where there is no data.
    expect(read).toEqual(ours('data' in given ? given : { datacontenttype: 'application/json; charset=utf-8' }));
  });

  test('structured, to the SDK', async () => {
    const { headers, text } = await overHttp(encodeStructured(ours(given)));
    const read = HTTP.toEvent({ headers: headers as Record<string, string>, body: text }) as SdkEvent<unknown>;
    expect(plain(read)).toEqual(ours(given));
    expect(read.validate()).toBe(true);
  });

  test('structured, from the SDK', async () => {
    expect(decodeMessage(await fromSdk(HTTP.structured(theirs(given))), httpBinding)).toEqual(ours(given));
  });
});

describe('the SDK of CloudEvents and this library exchange over HTTP', () => {
  const data = Buffer.from([0, 1, 2, 254, 255]);
  const given = { data, datacontenttype: 'application/octet-stream' };

  test('bytes in binary mode', async () => {
    const { headers, body } = await overHttp(encodeBinary(ours(given), httpBinding));
    const read = HTTP.toEvent({ headers: headers as Record<string, string>, body }) as SdkEvent<Uint8Array>;
    expect(Buffer.from(read.data ?? [])).toEqual(data);
    expect(decodeMessage(await fromSdk(HTTP.binary(theirs(given))), httpBinding).data).toEqual(data);
  });

  test('bytes in structured mode', async () => {
    const { text } = await overHttp(encodeStructured(ours(given)));
    expect(Buffer.from(new SdkEvent<Uint8Array>(JSON.parse(text)).data ?? [])).toEqual(data);
    expect(decodeMessage(await fromSdk(HTTP.structured(theirs(given))), httpBinding).data).toEqual(data);
  });

  test('a batch', async () => {
    const sent = events.map(([, each]) => ours(each));
    const { headers, text } = await overHttp(encodeBatch(sent));
    const read = HTTP.toEvent({ headers: headers as Record<string, string>, body: text }) as SdkEvent<unknown>[];
    expect(read.map(plain)).toEqual(sent);
    // The SDK reads batches and writes none: what it makes of each event is put together.
    const list = events.map(([, each]) => theirs(each));
    const written = {
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: Buffer.from(JSON.stringify(list)),
    };
    expect(decodeBatch(await overHttp(written), httpBinding)).toEqual(sent);
  });

  test('an extension with a number and a boolean, by the types that each mode has', async () => {
    const extensions = { count: 7, urgent: true };
    const structured = await overHttp(encodeStructured(ours(extensions)));
    expect(new SdkEvent(JSON.parse(structured.text))).toMatchObject(extensions);
    expect(decodeMessage(await fromSdk(HTTP.structured(theirs(extensions))), httpBinding)).toMatchObject(extensions);
  });

  test('what the SDK refuses is refused when it is made here', () => {
    for (const wrong of [{ id: '' }, { type: '' }, { source: '' }, { subject: '' }, { dataschema: 'no uri' }]) {
      const { time: _, ...others } = { ...attributes, ...wrong };
      expect(() => createEvent({ type: others.type, source: others.source, ...wrong })).toThrow(TypeError);
    }
    expect(() => new SdkEvent({ ...attributes, tripId: 'x' })).toThrow('invalid extension name');
    expect(() => createEvent({ type: 't', source: '/s', extensions: { tripId: 'x' } })).toThrow('extension');
  });
});
