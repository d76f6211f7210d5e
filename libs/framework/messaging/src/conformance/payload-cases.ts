import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { ServiceError } from '@org/errors';
import { encodeBinary, type BlobStore, type WireMessage } from '@org/payload';
import type { Cases } from './conformance.ts';
import { numbersOf } from './gate.ts';
import { awaitLetters } from './letters.ts';

/** What messages may hold, and what becomes of those that hold what they must not. */
export const payloadCases: Cases = {
  'text of any language survives in envelope and data': async (world) => {
    const broker = await world.broker();
    const got = await world.collect(broker);
    const text = 'żółw 🐢 "%41" \\ 世界';
    await broker.publish(world.happened, { number: 1, text: `${text}\n\u0000` }, { subject: text, key: text });
    const { data, event } = await world.waitFor(() => got[0], 'the event');
    deepEqual([data.text, event.subject, event.partitionkey], [`${text}\n\u0000`, text, text]);
  },

  'a large message arrives whole': async (world) => {
    const broker = await world.broker();
    const got = await world.collect(broker);
    const text = '0123456789abcdef'.repeat(48 * 1024);
    await broker.publish(world.happened, { number: 1, text });
    const { data } = await world.waitFor(() => got[0], 'the event');
    ok(data.text === text);
  },

  'a message is compressed where that is asked for, and read by those who do not ask': async (world) => {
    const publisher = await world.broker([world.happened], { compressAboveBytes: 1_024 });
    const consumer = await world.broker();
    const got = await world.collect(consumer);
    const text = 'the same again '.repeat(1_000);
    await publisher.publish(world.happened, { number: 1, text });
    const { data } = await world.waitFor(() => got[0], 'the event');
    equal(data.text, text);
  },

  'what is larger than it may be is refused before it is sent': async (world) => {
    const broker = await world.broker([world.happened], { maximumBytes: 1_024, unrouted: 'accept' });
    const large = { number: 1, text: 'x'.repeat(2_000) };
    await rejects(broker.publish(world.happened, large), { reason: 'PAYLOAD_TOO_LARGE' });
  },

  'large data goes by the store of blobs, where there is one': async (world) => {
    const kept = new Map<string, Uint8Array>();
    const blobs: BlobStore = {
      put: async (key, bytes) => void kept.set(key, bytes),
      get: async (key) => kept.get(key) ?? Promise.reject(new ServiceError('not_found', 'Nothing there')),
    };
    const broker = await world.broker([world.happened], { blobs, blobsAboveBytes: 1_024, maximumBytes: 4_096 });
    const got = await world.collect(broker);
    await broker.publish(world.happened, { number: 1, text: 'x'.repeat(100_000) });
    await broker.publish(world.happened, { number: 2, text: 'small' });
    await world.waitFor(() => got.length === 2, 'both');
    deepEqual([kept.size, got.map(({ data }) => data.text?.length).toSorted()], [1, [100_000, 5]]);
  },

  'what cannot be read is set aside at once, unseen by the handler, and holds up nobody': async (world) => {
    const broker = await world.broker([world.happened], { maximumBytes: 4_096 });
    const got = await world.collect(broker, { concurrency: 1, retryDelaysMs: [60_000] });
    const { binding } = world.options.adapter;
    const event = { specversion: '1.0', id: 'x', source: '/services/other', type: world.happened.type } as const;
    const json = { ...event, datacontenttype: 'application/json' };
    const good = encodeBinary({ ...json, data: { number: 1 } }, binding);
    const poison: Record<string, WireMessage> = {
      'no-event': { headers: { 'content-type': 'application/json' }, body: Buffer.from('{"number":1}') },
      'no-json': { ...good, body: Buffer.from('{"number":') },
      'other-schema': encodeBinary({ ...json, data: { number: 'one' } }, binding),
      'other-version': encodeBinary({ ...json, type: `${world.happened.type}9`, data: { number: 1 } }, binding),
      'too-large': encodeBinary({ ...json, data: { number: 1, text: 'x'.repeat(8_000) } }, binding),
      'a-bomb': encodeBinary({ ...json, data: { number: 1, text: 'x'.repeat(500_000) } }, binding, {
        compress: { aboveBytes: 1 },
      }),
      'other-encoding': { headers: { ...good.headers, 'content-encoding': 'br' }, body: good.body },
    };
    for (const [id, wire] of Object.entries(poison)) await broker.transport.publish(world.outgoing(id, wire));
    await broker.publish(world.happened, { number: 2 });
    await world.waitFor(() => got.length > 0, 'the good event');
    deepEqual(numbersOf(got), [2]);
    const letters = await awaitLetters(world, broker, Object.keys(poison).length);
    const reasons = Object.fromEntries(letters.map(({ id, failure }) => [id, failure.reason]));
    deepEqual(reasons, {
      'no-event': 'PAYLOAD_MALFORMED',
      'no-json': 'PAYLOAD_MALFORMED',
      'other-schema': 'PAYLOAD_SCHEMA_MISMATCH',
      'other-version': 'MESSAGE_TYPE_UNKNOWN',
      'too-large': 'PAYLOAD_TOO_LARGE',
      'a-bomb': 'PAYLOAD_TOO_LARGE',
      'other-encoding': 'PAYLOAD_ENCODING_UNKNOWN',
    });
  },
};
