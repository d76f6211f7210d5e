import { describe, expect, test } from 'vitest';
import { createBulkhead, type BulkheadOptions } from './bulkhead.ts';

/** A bulkhead whose work ends when the test says so. */
function bulkhead(options: BulkheadOptions) {
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<void>>();
  let rejected = 0;
  const run = createBulkhead('orders', options, () => (rejected += 1));
  return {
    begun,
    rejected: () => rejected,
    call(name: string, signal = new AbortController().signal) {
      const end = Promise.withResolvers<void>();
      ends.set(name, end);
      return run(signal, () => {
        begun.push(name);
        return end.promise.then(() => name);
      });
    },
    end: (name: string) => ends.get(name)!.resolve(),
    fail: (name: string) => ends.get(name)!.reject(new Error(name)),
  };
}

describe('a bulkhead', () => {
  test('runs as many as it may at once, the others in their order, and rejects the rest', async () => {
    const { call, end, begun, rejected } = bulkhead({ limit: 2, queue: 2 });
    const calls = ['a', 'b', 'c', 'd'].map((name) => call(name));
    expect(begun).toEqual(['a', 'b']);
    await expect(call('e')).rejects.toMatchObject({ code: 'unavailable', reason: 'BULKHEAD_FULL' });
    expect(rejected()).toBe(1);
    end('b');
    await calls[1];
    // Whoever comes now does not overtake those that wait.
    const last = call('f');
    expect(begun).toEqual(['a', 'b', 'c']);
    for (const name of ['a', 'c', 'd', 'f']) end(name);
    expect(await Promise.all([...calls, last])).toEqual(['a', 'b', 'c', 'd', 'f']);
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'f']);
  });

  test('gives the place of a failure to the next', async () => {
    const { call, end, fail } = bulkhead({ limit: 1, queue: 1 });
    const [first, second] = [call('a'), call('b')];
    fail('a');
    await expect(first).rejects.toThrow('a');
    end('b');
    expect(await second).toBe('b');
    const third = call('c');
    end('c');
    expect(await third).toBe('c');
  });

  test('lets whoever gives up leave the queue at once, and takes another', async () => {
    const { call, end, begun } = bulkhead({ limit: 1, queue: 1 });
    const controller = new AbortController();
    const first = call('a');
    const gone = call('gone', controller.signal);
    controller.abort(new Error('gave up'));
    await expect(gone).rejects.toThrow('gave up');
    const second = call('b');
    end('a');
    end('b');
    expect(await Promise.all([first, second])).toEqual(['a', 'b']);
    expect(begun).toEqual(['a', 'b']);
  });

  test('does not begin for a caller who is gone already', async () => {
    const { call, begun } = bulkhead({ limit: 1 });
    await expect(call('a', AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    expect(begun).toEqual([]);
  });

  test.each([
    [{ limit: 0 }, 'Expected `bulkhead.limit` to be an integer from 1 up, got `0`'],
    [{ limit: 1.5 }, 'Expected `bulkhead.limit` to be an integer from 1 up, got `1.5`'],
    [{ queue: -1 }, 'Expected `bulkhead.queue` to be an integer from 0 up, got `-1`'],
    [{ queue: Infinity }, 'Expected `bulkhead.queue` to be an integer from 0 up, got `Infinity`'],
  ])('is refused with %o', (options, message) => {
    expect(() => bulkhead(options)).toThrow(new RangeError(message));
  });
});
