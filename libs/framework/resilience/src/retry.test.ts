import { createCall } from '@org/context';
import { ServiceError, codes, type Code } from '@org/errors';
import { describe, expect, test } from 'vitest';
import { manualClock } from '../test-fixtures/manual-clock.ts';
import { isRetryable } from './is-retryable.ts';
import { createRetry, type RetryOptions } from './retry.ts';

const down = () => new ServiceError('unavailable', 'down');

/** Runs one call whose first attempts fail with the errors given, and whose next one goes well. */
async function attempts(
  errors: unknown[],
  options: RetryOptions = {},
  { clock = manualClock(), timeoutMs = 60_000 } = {},
) {
  const told: string[] = [];
  const events = { retried: () => told.push('retried'), budgetExhausted: () => told.push('exhausted') };
  const retry = createRetry(options, clock, events);
  const left = [...errors];
  let count = 0;
  using call = createCall({ timeoutMs });
  const result = await retry(call, async (number) => {
    count += 1;
    expect(number).toBe(count);
    if (left.length > 0) throw left.shift();
    return 'done';
  }).catch((thrown: unknown) => thrown);
  return { result, count, told, pauses: clock.pauses };
}

describe('what is worth another attempt', () => {
  const expected: readonly Code[] = ['unavailable', 'deadline_exceeded'];

  test.each(codes)('by default, for the code %s', (code) => {
    expect(isRetryable(new ServiceError(code, 'x'))).toBe(expected.includes(code));
  });

  test('is a quota that says when it is there again', () => {
    const details = { retryAfterMs: 0 };
    expect(isRetryable(new ServiceError('resource_exhausted', 'x', { details }))).toBe(true);
  });
});

describe('a retry', () => {
  test('goes on until it goes well', async () => {
    expect(await attempts([down(), down()])).toMatchObject({ result: 'done', count: 3, told: ['retried', 'retried'] });
  });

  test('ends with the last error when the attempts are used up', async () => {
    const last = down();
    const { result, count } = await attempts([down(), down(), last, down()]);
    expect(result).toBe(last);
    expect(count).toBe(3);
  });

  test('is not made for an error that is not worth it, nor for one that nobody foresaw', async () => {
    const missing = new ServiceError('not_found', 'x');
    const foreign = new TypeError('x is undefined');
    expect(await attempts([missing])).toMatchObject({ result: missing, count: 1 });
    expect(await attempts([foreign])).toMatchObject({ result: foreign, count: 1 });
  });

  test('is made for what `when` says', async () => {
    const options = { when: ({ code }: ServiceError) => code === 'aborted' };
    expect(await attempts([new ServiceError('aborted', 'x')], options)).toMatchObject({ result: 'done', count: 2 });
    expect(await attempts([down()], options)).toMatchObject({ count: 1 });
  });

  test.each([
    [0, [0, 0, 0, 0]],
    [0.5, [50, 100, 150, 150]],
    [0.999, [99.9, 199.8, 299.7, 299.7]],
  ])('pauses for a random part of a pause that doubles up to its maximum (chance %d)', async (chance, pauses) => {
    const options = { attempts: 5, backoffMs: 100, maximumBackoffMs: 300 };
    const seen = await attempts([down(), down(), down(), down()], options, { clock: manualClock({ chance }) });
    expect(seen.pauses).toEqual(pauses);
  });

  test('pauses at least as long as the server asks for, and a little more', async () => {
    const busy = new ServiceError('unavailable', 'busy', { details: { retryAfterMs: 5_000 } });
    expect((await attempts([busy], { backoffMs: 100 })).pauses).toEqual([5_050]);
  });

  test('is not waited for when the call would be over before it', async () => {
    const busy = new ServiceError('unavailable', 'busy', { details: { retryAfterMs: 1e12 } });
    expect(await attempts([busy])).toMatchObject({ result: busy, count: 1, pauses: [], told: [] });
  });

  test('is not made once the budget is used up, which is told', async () => {
    const seen = await attempts([down(), down()], { budget: { ratio: 0, burst: 1 } });
    expect(seen).toMatchObject({ count: 2, told: ['retried', 'exhausted'] });
    expect(seen.result).toMatchObject({ code: 'unavailable' });
  });

  test.each([
    [{ attempts: 1 }, 'Expected `retry.attempts` to be an integer from 2 up, got `1`'],
    [{ attempts: 2.5 }, 'Expected `retry.attempts` to be an integer from 2 up, got `2.5`'],
    [{ backoffMs: -1 }, 'Expected `retry.backoffMs` to be a number from 0 up, got `-1`'],
    [{ maximumBackoffMs: NaN }, 'Expected `retry.maximumBackoffMs` to be a number from 0 up, got `NaN`'],
  ])('is refused with %o', (options, message) => {
    const events = { retried: () => {}, budgetExhausted: () => {} };
    expect(() => createRetry(options, manualClock(), events)).toThrow(new RangeError(message));
  });
});
