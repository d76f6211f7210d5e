import { ServiceError } from '@org/errors';
import { collectLogger, waitFor } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { createResources } from './resources.ts';

const never = new Promise<never>(() => {});
const soon = (ms = 1_000) => performance.now() + ms;

function setUp({ timeoutMs = 1_000 } = {}) {
  const stop = new AbortController();
  const logger = collectLogger();
  const happened: string[] = [];
  const part = (name: string, more: object = {}) => ({
    drain: async () => void happened.push(`drain ${name}`),
    [Symbol.asyncDispose]: async () => void happened.push(`close ${name}`),
    ...more,
  });
  const resources = createResources({ logger, timeoutMs, signal: stop.signal });
  return { resources, stop, logger, happened, part };
}

describe('open', () => {
  test('gives what the opener gives, whatever that is', async () => {
    const { resources } = setUp();
    expect(await resources.open('number', () => 1)).toBe(1);
    expect(await resources.open('nothing', async () => undefined)).toBeUndefined();
    expect(await resources.open('plain', () => ({ greet: 'hello' }))).toEqual({ greet: 'hello' });
    expect(await resources.close(soon())).toEqual([]);
  });

  test.each([
    ['an error', new Error('no luck'), 'internal', 'no luck'],
    ['a text', 'no luck', 'internal', 'no luck'],
    ['an error of the service', new ServiceError('unavailable', 'no luck'), 'unavailable', 'no luck'],
  ])('names the part that threw %s', async (_, thrown, code, message) => {
    const { resources } = setUp();
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever other people's code rejects with
    const opening = resources.open('database', () => Promise.reject(thrown));
    await expect(opening).rejects.toMatchObject({
      code,
      reason: 'START_FAILED',
      message: `Cannot open \`database\`: ${message}`,
      cause: thrown,
    });
  });

  test('treats an opener that throws at once as one that rejects', async () => {
    const { resources } = setUp();
    const opening = resources.open('database', () => {
      throw new Error('no luck');
    });
    await expect(opening).rejects.toMatchObject({ reason: 'START_FAILED' });
  });

  test('gives an opener up after its time, names it, and closes what it gives later', async () => {
    const { resources, happened, part } = setUp({ timeoutMs: 20 });
    const late = Promise.withResolvers<object>();
    await expect(resources.open('broker', () => late.promise)).rejects.toMatchObject({
      code: 'deadline_exceeded',
      reason: 'START_TIMEOUT',
      message: expect.stringMatching(/`broker`: it was not open after 20 ms.*START_TIMEOUT/),
    });
    late.resolve(part('broker'));
    await waitFor(() => happened.includes('close broker'), { what: 'the late broker to be closed' });
    expect(await resources.close(soon())).toEqual([]);
    expect(happened).toEqual(['close broker']);
  });

  test('logs what a late opener, or the closing of what it gave, throws', async () => {
    const { resources, logger } = setUp({ timeoutMs: 10 });
    const [opener, closer] = [Promise.withResolvers<never>(), Promise.withResolvers<object>()];
    await expect(resources.open('first', () => opener.promise)).rejects.toThrow('10 ms');
    await expect(resources.open('second', () => closer.promise)).rejects.toThrow('10 ms');
    opener.reject(new Error('too late'));
    closer.resolve({ [Symbol.asyncDispose]: async () => Promise.reject(new Error('it does not close')) });
    const warnings = () => logger.lines.filter(({ level }) => level === 'warn');
    await waitFor(() => warnings().length === 2, { what: 'two warnings' });
    expect(warnings().map(({ fields }) => fields.resource)).toEqual(['first', 'second']);
  });

  test('ends with the signal, and begins nothing after it', async () => {
    const { resources, stop, happened, part } = setUp();
    const opening = resources.open('broker', () => never);
    stop.abort();
    await expect(opening).rejects.toMatchObject({ code: 'cancelled', reason: 'STOPPED_DURING_START' });
    const next = resources.open('server', () => {
      happened.push('opened');
      return part('server');
    });
    await expect(next).rejects.toMatchObject({ reason: 'STOPPED_DURING_START' });
    expect(happened).toEqual([]);
  });

  test('refuses a name that is taken', async () => {
    const { resources } = setUp();
    await resources.open('database', () => ({}));
    await expect(resources.open('database', () => ({}))).rejects.toThrow(TypeError);
  });
});

describe('close', () => {
  test('drains and closes one part after the other, the last first, and once only', async () => {
    const { resources, happened, part } = setUp();
    for (const name of ['first', 'second']) await resources.open(name, () => part(name));
    expect([await resources.close(soon()), await resources.close(soon())]).toEqual([[], []]);
    expect(happened).toEqual(['drain second', 'close second', 'drain first', 'close first']);
  });

  test.each([
    ['rejects', async () => Promise.reject(new Error('no'))],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
  ])('goes on when a part %s, and names it', async (_, fail) => {
    const { resources, happened, part } = setUp();
    await resources.open('first', () => part('first'));
    await resources.open('second', () => part('second', { drain: fail, [Symbol.asyncDispose]: fail }));
    expect(await resources.close(soon())).toEqual([
      { resource: 'second', during: 'drain', error: new Error('no') },
      { resource: 'second', during: 'disposal', error: new Error('no') },
    ]);
    expect(happened).toEqual(['drain first', 'close first']);
  });

  test('tells a drain when its time is over, names it, and still closes everything', async () => {
    const { resources, happened, part } = setUp();
    let reason: unknown;
    const drain = (signal: AbortSignal) =>
      new Promise<never>(() => signal.addEventListener('abort', () => (reason = signal.reason)));
    await resources.open('first', () => part('first'));
    await resources.open('second', () => part('second', { drain }));
    expect(await resources.close(soon(200))).toEqual([{ resource: 'second', during: 'drain' }]);
    expect(reason).toMatchObject({ code: 'deadline_exceeded' });
    expect(happened).toEqual(['close second', 'drain first', 'close first']);
  });

  test('names each disposal that hangs, and ends in time all the same', async () => {
    const { resources, happened, part } = setUp();
    const hangs = { [Symbol.asyncDispose]: () => never };
    await resources.open('first', () => part('first'));
    await resources.open('second', () => part('second', hangs));
    await resources.open('third', () => part('third', hangs));
    const before = performance.now();
    expect(await resources.close(soon(300))).toEqual([
      { resource: 'third', during: 'disposal' },
      { resource: 'second', during: 'disposal' },
    ]);
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(happened).toEqual(['drain third', 'drain second', 'drain first', 'close first']);
  });

  test('closes at once what an opener gives after the close has begun', async () => {
    const { resources, happened, part } = setUp();
    const slow = Promise.withResolvers<object>();
    const opening = resources.open('slow', () => slow.promise);
    opening.catch(() => {});
    await expect(resources.open('broken', () => Promise.reject(new Error('no')))).rejects.toThrow();
    await resources.close(soon());
    slow.resolve(part('slow'));
    await expect(opening).rejects.toMatchObject({ code: 'cancelled', reason: 'STOPPED_DURING_START' });
    expect(happened).toEqual(['close slow']);
    await expect(resources.open('another', () => part('another'))).rejects.toMatchObject({ code: 'cancelled' });
  });
});
