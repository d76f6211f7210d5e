import { ServiceError } from '@org/errors';
import { describe, expect, test } from 'vitest';
import { manualClock } from '../test-fixtures/manual-clock.ts';
import { createBreaker, type BreakerOptions, type Verdict } from './breaker.ts';

function breaker(options: BreakerOptions = { size: 4, minimum: 2, openMs: 1_000 }) {
  const clock = manualClock();
  const told: string[] = [];
  const events = { changed: (state: string) => told.push(state), rejected: () => told.push('rejected') };
  const run = createBreaker('orders', options, clock, events);
  expect(told.splice(0)).toEqual(['closed']);
  const failure = new Error('failure');
  return {
    clock,
    told,
    run,
    succeed: () =>
      run(
        async () => 'done',
        () => 'answered',
      ),
    fail: (verdict: Verdict = 'failed') =>
      run(
        async () => Promise.reject(failure),
        () => verdict,
      ).catch((thrown: unknown) => thrown),
    failure,
  };
}

const circuitOpen = { code: 'unavailable', reason: 'CIRCUIT_OPEN' };

describe('a circuit', () => {
  test('lets through what work gives and throws', async () => {
    const { succeed, fail, failure } = breaker();
    expect(await succeed()).toBe('done');
    expect(await fail()).toBe(failure);
  });

  test('opens when more than half of the last calls failed, and says when to come back', async () => {
    const { succeed, fail, clock, told } = breaker();
    await succeed();
    await fail();
    expect(told).toEqual([]);
    await fail();
    expect(told).toEqual(['open']);
    clock.time = 400;
    await expect(succeed()).rejects.toMatchObject({ ...circuitOpen, details: { retryAfterMs: 600 } });
    await expect(succeed()).rejects.toThrow(
      'Cannot begin a call of `orders`: too many of the last ones failed. Try again in 600 ms',
    );
    expect(told).toEqual(['open', 'rejected', 'rejected']);
  });

  test('does not open before there was a minimum of calls', async () => {
    const { fail, told } = breaker({ size: 10, minimum: 5 });
    for (let call = 0; call < 4; call += 1) await fail();
    expect(told).toEqual([]);
    await fail();
    expect(told).toEqual(['open']);
  });

  test('stays closed for errors that are an answer, or say nothing', async () => {
    const { fail, told } = breaker();
    for (let call = 0; call < 20; call += 1) await fail(call % 2 ? 'answered' : 'unknown');
    expect(told).toEqual([]);
  });

  test('closes when the one that tries goes well, and rejects all others meanwhile', async () => {
    const { fail, succeed, run, clock, told } = breaker();
    await fail();
    await fail();
    clock.time = 1_000;
    const probe = Promise.withResolvers<string>();
    const trying = run(
      () => probe.promise,
      () => 'failed',
    );
    await expect(succeed()).rejects.toMatchObject(circuitOpen);
    probe.resolve('back');
    expect(await trying).toBe('back');
    expect(await succeed()).toBe('done');
    expect(told).toEqual(['open', 'half_open', 'rejected', 'closed']);
  });

  test('closes when the one that tries gets an error that is an answer', async () => {
    const { fail, failure, clock, told } = breaker();
    await fail();
    await fail();
    clock.time = 1_000;
    expect(await fail('answered')).toBe(failure);
    expect(told).toEqual(['open', 'half_open', 'closed']);
  });

  test.each<Verdict>(['failed', 'unknown'])('opens again when the one that tries ends with %s', async (verdict) => {
    const { fail, failure, succeed, clock, told } = breaker();
    await fail();
    await fail();
    clock.time = 1_000;
    expect(await fail(verdict)).toBe(failure);
    expect(told).toEqual(['open', 'half_open', 'open']);
    clock.time = 1_999;
    await expect(succeed()).rejects.toMatchObject({ ...circuitOpen, details: { retryAfterMs: 1 } });
    clock.time = 2_000;
    expect(await succeed()).toBe('done');
  });

  test('forgets the failures from before it opened', async () => {
    const { fail, succeed, clock, told } = breaker();
    await fail();
    await fail();
    clock.time = 1_000;
    await succeed();
    await fail();
    expect(told.at(-1)).toBe('closed');
  });

  test('lets an error of the work that looks like its own pass as it is', async () => {
    const { run } = breaker();
    const theirs = new ServiceError('unavailable', 'theirs', { reason: 'CIRCUIT_OPEN' });
    const thrown = await run(
      () => Promise.reject(theirs),
      () => 'failed',
    ).catch((error: unknown) => error);
    expect(thrown).toBe(theirs);
  });

  test.each([
    [{ threshold: 0 }, 'Expected `breaker.threshold` to be above 0 and below 1, got `0`'],
    [{ threshold: 1 }, 'Expected `breaker.threshold` to be above 0 and below 1, got `1`'],
    [{ size: 0 }, 'Expected `breaker.size` to be an integer from 1 up, got `0`'],
    [{ size: 4, minimum: 5 }, 'Expected `breaker.minimum` to be a number from 1 to 4, got `5`'],
    [{ minimum: 0.5 }, 'Expected `breaker.minimum` to be an integer from 1 up, got `0.5`'],
    [{ openMs: -1 }, 'Expected `breaker.openMs` to be a number from 0 up, got `-1`'],
  ])('is refused with %o', (options, message) => {
    expect(() => breaker(options)).toThrow(new RangeError(message));
  });
});
