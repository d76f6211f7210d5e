import { ServiceError } from '@org/errors';
import { describe, expect, test } from 'vitest';
import { faultOfPromise, secret } from '../test-fixtures/fault-of.ts';
import {
  amqpBinding,
  createEvent,
  decodeMessage,
  encodeBinary,
  fetchData,
  storeLargeData,
  type BlobStore,
} from './index.ts';

function createStore(): BlobStore & { blobs: Map<string, Uint8Array> } {
  const blobs = new Map<string, Uint8Array>();
  return {
    blobs,
    put: async (key, bytes) => void blobs.set(key, bytes),
    get: async (key) => blobs.get(key) ?? Promise.reject(new ServiceError('not_found', `No blob ${key}`)),
  };
}

const eventOf = (data: unknown, datacontenttype?: string) =>
  createEvent({ type: 't', source: '/s', data, ...(datacontenttype && { datacontenttype }) });
const large = eventOf({ text: 'x'.repeat(2_000) });

describe('the claim check', () => {
  test.each([
    ['JSON', large],
    ['text', eventOf('x'.repeat(2_000), 'text/plain')],
    ['bytes', eventOf(Buffer.alloc(2_000))],
  ])('keeps large data in the store, and brings it back: %s', async (_, event) => {
    const store = createStore();
    const stored = await storeLargeData(event, { store, aboveBytes: 1_000 });
    expect(stored).not.toHaveProperty('data');
    expect(stored.dataref).toMatch(/^claim-checks\/[0-9a-f]{64}$/);
    const received = decodeMessage(encodeBinary(stored, amqpBinding), amqpBinding);
    expect(await fetchData(received, { store })).toEqual(event);
  });

  test('puts the same data in the same place, however often it is sent', async () => {
    const store = createStore();
    for (let time = 0; time < 3; time += 1) await storeLargeData(large, { store, aboveBytes: 1_000 });
    expect(store.blobs.size).toBe(1);
  });

  test('leaves alone what is small, has no data, or has its data with it', async () => {
    const store = createStore();
    const small = eventOf('x');
    expect(await storeLargeData(small, { store, aboveBytes: 3 })).toBe(small);
    expect((await storeLargeData(small, { store, aboveBytes: 2 })).dataref).toBeDefined();
    const empty = createEvent({ type: 't', source: '/s' });
    expect(await storeLargeData(empty, { store, aboveBytes: 0 })).toBe(empty);
    expect(await fetchData(empty, { store })).toBe(empty);
    const both = { ...small, dataref: 'https://example.com/elsewhere' };
    expect(await fetchData(both, { store })).toBe(both);
  });

  test('passes the signal on', async () => {
    const signals: unknown[] = [];
    const store: BlobStore = {
      put: async (_key, _bytes, signal) => void signals.push(signal),
      get: async (_key, signal) => (signals.push(signal), Buffer.alloc(0)),
    };
    const { signal } = new AbortController();
    const stored = await storeLargeData(large, { store, aboveBytes: 1_000, signal });
    await fetchData(stored, { store, signal }).catch(() => undefined);
    expect(signals).toEqual([signal, signal]);
  });

  test('says when the data is gone, was changed, or is too large', async () => {
    const store = createStore();
    const stored = await storeLargeData(large, { store, aboveBytes: 1_000 });
    const tooLarge = 'invalid_argument PAYLOAD_TOO_LARGE';
    expect(await faultOfPromise(fetchData(stored, { store, maximumBytes: 2_000 }))).toBe(tooLarge);
    expect(await faultOfPromise(storeLargeData(large, { store, aboveBytes: 1, maximumBytes: 2_000 }))).toBe(tooLarge);
    store.blobs.set(stored.dataref!, Buffer.from(JSON.stringify(secret)));
    expect(await faultOfPromise(fetchData(stored, { store }))).toBe('data_loss PAYLOAD_DATA_CHANGED');
    store.blobs.clear();
    expect(await faultOfPromise(fetchData(stored, { store }))).toBe('data_loss PAYLOAD_DATA_MISSING');
  });

  test('lets through what else the store says, so that it is tried again', async () => {
    const away = new ServiceError('unavailable', 'The store is away');
    const store: BlobStore = { put: () => Promise.reject(away), get: () => Promise.reject(away) };
    await expect(storeLargeData(large, { store, aboveBytes: 1 })).rejects.toBe(away);
    const { data: _, ...elsewhere } = { ...large, dataref: `claim-checks/${'0'.repeat(64)}` };
    await expect(fetchData(elsewhere, { store })).rejects.toBe(away);
  });

  test.each([
    '../../etc/passwd',
    'https://example.com/x',
    'claim-checks/../secrets',
    `claim-checks/${'0'.repeat(64)}/x`,
  ])('asks the store for nothing that was not put there by it: %s', async (dataref) => {
    const store: BlobStore = { ...createStore(), get: () => Promise.reject(new Error('asked')) };
    const { data: _, ...event } = { ...large, dataref };
    expect(await faultOfPromise(fetchData(event, { store }))).toBe('invalid_argument PAYLOAD_MALFORMED');
  });
});
