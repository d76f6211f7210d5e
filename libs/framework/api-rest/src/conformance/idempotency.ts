import { deepEqual, equal, rejects } from 'node:assert/strict';
import type { IdempotencyStore } from '../idempotency.ts';

/** One promise, for any test runner. */
export interface ConformanceCase {
  readonly name: string;
  /** Rejects when the promise is not kept. */
  run(): Promise<void>;
}

type Cases = Readonly<Record<string, (store: IdempotencyStore, key: string) => Promise<void>>>;

const gives = (result: unknown) => async () => result;
const reused = { code: 'invalid_argument', reason: 'IDEMPOTENCY_KEY_REUSED' };
const inUse = { code: 'aborted', reason: 'IDEMPOTENCY_KEY_IN_USE' };

const cases: Cases = {
  'the same key gives the same result, and does the work once': async (store, key) => {
    const result = { status: 201, headers: { location: '/orders/1' }, body: '{"b":1,"a":[null,"ä\\u0000"]}' };
    deepEqual(await store.run(key, 'f', gives(result)), { result, replayed: false });
    let again = 0;
    for (let round = 0; round < 2; round += 1) {
      deepEqual(await store.run(key, 'f', async () => void (again += 1)), { result, replayed: true });
    }
    equal(again, 0);
  },
  'the same key with another fingerprint is refused': async (store, key) => {
    await store.run(key, 'f', gives('first'));
    await rejects(store.run(key, 'other', gives('second')), reused);
    deepEqual(await store.run(key, 'f', gives('third')), { result: 'first', replayed: true });
  },
  'a key whose work is running is refused at once': async (store, key) => {
    const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const first = store.run(key, 'f', async () => {
      begun.resolve();
      await gate.promise;
      return 'first';
    });
    await begun.promise;
    await rejects(store.run(key, 'f', gives('second')), inUse);
    await rejects(store.run(key, 'other', gives('second')), ({ reason }) =>
      [reused, inUse].some((each) => each.reason === reason),
    );
    gate.resolve();
    deepEqual(await first, { result: 'first', replayed: false });
    deepEqual(await store.run(key, 'f', gives('third')), { result: 'first', replayed: true });
  },
  'a key is free again when its work failed': async (store, key) => {
    await rejects(
      store.run(key, 'f', async () => Promise.reject(new Error('it fails'))),
      /it fails/,
    );
    deepEqual(await store.run(key, 'other', gives('second')), { result: 'second', replayed: false });
  },
  'a key says nothing of another': async (store, key) => {
    const keys = [key, `${key} `, `${key}/x`];
    const results = await Promise.all(keys.map((each) => store.run(each, 'f', gives(each))));
    deepEqual(
      results,
      keys.map((result) => ({ result, replayed: false })),
    );
  },
};

/** What every store promises. Each case has a key of its own. */
export function idempotencyConformance(open: () => IdempotencyStore): ConformanceCase[] {
  return Object.entries(cases).map(([name, prove]) => ({
    name,
    run: () => prove(open(), `tests/${crypto.randomUUID()}`),
  }));
}
