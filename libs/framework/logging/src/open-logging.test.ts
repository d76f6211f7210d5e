import { context, trace } from '@opentelemetry/api';
import { createCall, createContextManager, runInCall } from '@org/context';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Logger } from './logger.ts';
import { openLogging } from './open-logging.ts';

const service = { name: 'orders', version: '1.2.3' };
const settings = { level: 'info', format: 'json', file: undefined } as const;

type Line = Record<string, unknown>;

async function openInMemory(changes: object = {}) {
  const written: string[] = [];
  const destination = { write: (text: string) => written.push(text) };
  const logging = await openLogging({ ...settings, ...changes }, { service, destination });
  onTestFinished(() => logging[Symbol.asyncDispose]());
  return { ...logging, written, lines: () => written.map((text) => JSON.parse(text) as Line) };
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

afterEach(() => {
  context.disable();
  vi.useRealTimers();
});

describe('a line of JSON', () => {
  test('holds time, level, service, version, the fields and the message, and ends with a line feed', async () => {
    const { logger, written, lines } = await openInMemory();
    logger.info({ orderId: '7', total: 12.5, paid: false }, 'order placed');
    expect(written[0]).toMatch(/^\{.*\}\n$/);
    expect(lines()).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
        level: 'info',
        service: 'orders',
        version: '1.2.3',
        orderId: '7',
        total: 12.5,
        paid: false,
        msg: 'order placed',
      },
    ]);
  });

  test('holds the fields of child loggers and the name of a named one', async () => {
    const { logger, lines } = await openInMemory();
    const child = logger.named('database').child({ pool: 'main', password: 'x' }).child({ pool: 'replica' });
    child.warn({ a: 1 }, 'slow');
    child.named('outbox').info('relayed');
    expect(lines()).toMatchObject([
      { level: 'warn', logger: 'database', pool: 'replica', password: '[secret]', a: 1, msg: 'slow' },
      { logger: 'outbox', pool: 'replica', msg: 'relayed' },
    ]);
  });

  test('tells which trace, span and request it belongs to', async () => {
    context.setGlobalContextManager(createContextManager());
    const { logger, lines, written } = await openInMemory();
    const span = trace.wrapSpanContext({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 });
    using call = createCall({ requestId: 'r-1' });
    runInCall(call, () => context.with(trace.setSpan(context.active(), span), () => logger.info('in both')));
    runInCall(call, () => logger.info('in a call'));
    logger.info('in none');
    const [inBoth, inCall, inNone] = lines();
    expect(inBoth).toMatchObject({ trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16), request_id: 'r-1' });
    expect(inCall).toMatchObject({ request_id: 'r-1' });
    expect(inCall).not.toHaveProperty('trace_id');
    expect(inNone).not.toHaveProperty('request_id');

    runInCall(call, () => logger.info({ request_id: 'r-2', a: 1 }, 'the field of the line goes first'));
    expect(written.at(-1)?.match(/request_id/g)).toHaveLength(1);
    expect(lines().at(-1)).toMatchObject({ request_id: 'r-2', a: 1 });
  });

  test('has each name once, whatever a caller calls its fields', async () => {
    const { logger, written, lines } = await openInMemory();
    const child = logger.named('rest').child({ level: 'x', service: 'other', a: 1 });
    child.info({ msg: 'other', time: 0, version: 2, logger: 'fake', a: 2 }, 'right');
    expect(lines()[0]).toMatchObject({
      ...{ level: 'info', service: 'orders', version: '1.2.3', logger: 'rest', msg: 'right', a: 2 },
      ...{ _level: 'x', _service: 'other', _msg: 'other', _time: 0, _version: 2, _logger: 'fake' },
    });
    logger.info({ level: 1, _level: 2, __level: 3 }, 'taken, and taken again');
    expect(lines()[1]).toMatchObject({ level: 'info', _level: 1, __level: 2, ___level: 3 });
    const names = [...(written[0] as string).matchAll(/"(\w+)":/g)].map((match) => match[1]);
    expect(new Set(names).size).toBe(names.length);
  });

  test('shows an error as type, message and stack, also when it stands alone', async () => {
    const { logger, lines } = await openInMemory();
    const error = new RangeError('too far');
    logger.error({ err: error }, 'failed');
    logger.error(error as unknown as Line, 'failed');
    const err = { type: 'RangeError', message: 'too far', stack: error.stack };
    expect(lines()).toMatchObject([
      { err, msg: 'failed' },
      { err, msg: 'failed' },
    ]);
  });

  test('loses the secrets of its message and fields', async () => {
    const { logger, written } = await openInMemory();
    logger.info({ headers: { authorization: 'Bearer hunter2' } }, 'connecting to amqp://u:hunter2@mq');
    logger.info('connecting to amqp://u:hunter2@mq');
    expect(written.join('')).not.toContain('hunter2');
    expect(written.join('')).toContain('amqp://u:[secret]@mq');
  });

  test.each([
    ['nothing', []],
    ['undefined', [undefined, 'message']],
    ['null', [null, 'message']],
    ['a number', [7]],
    ['fields alone', [{ a: 1 }]],
    ['a list', [[1, 2], 'message']],
    ['an object of a class', [new Date(0), 'message']],
    ['an object without prototype', [Object.create(null), 'message']],
    ['a message that is none', [{ a: 1 }, { b: 1 }]],
    ['format specifiers', ['100%s %d %o']],
    ['a symbol for a message', [{ a: 1 }, Symbol('s')]],
    ['a message that cannot be made a text', [{ a: 1 }, Object.create(null)]],
    ['a function', [() => 1, 'message']],
    ['a revoked proxy', [revokedProxy(), 'message']],
  ])('is written even when the logger is given %s', async (_, given) => {
    const { logger, lines } = await openInMemory();
    (logger.info as (...values: unknown[]) => void)(...given);
    expect(lines()).toMatchObject([{ level: 'info', msg: expect.any(String) as string }]);
  });
});

describe('levels', () => {
  const say = (logger: Logger) => {
    logger.debug('d');
    logger.info('i');
    logger.error('e');
  };

  test('apply to all loggers without one of their own', async () => {
    const { logger, lines, setLevel, level, levels } = await openInMemory();
    const named = logger.named('database');
    const child = named.child({ a: 1 });
    setLevel('debug');
    say(named);
    expect(lines().map(({ msg }) => msg)).toEqual(['d', 'i', 'e']);
    expect([level(), level('database'), levels()]).toEqual(['debug', 'debug', { database: 'debug' }]);

    setLevel('error', 'database');
    setLevel('trace');
    say(child);
    expect(lines().map(({ msg }) => msg)).toEqual(['d', 'i', 'e', 'e']);
    expect([level(), level('database')]).toEqual(['trace', 'error']);
    say(logger.named('database'));
    say(logger);
    expect(lines().map(({ msg }) => msg)).toEqual(['d', 'i', 'e', 'e', 'e', 'd', 'i', 'e']);
  });

  test('can be silent', async () => {
    const { logger, written, setLevel } = await openInMemory({ level: 'silent' });
    logger.fatal('x');
    expect(written).toEqual([]);
    setLevel('fatal');
    logger.fatal('x');
    expect(written).toHaveLength(1);
  });

  test('of a name that nobody has are refused, with the names that there are', async () => {
    const { logger, setLevel, level } = await openInMemory();
    logger.named('database');
    for (const ask of [() => setLevel('debug', 'databse'), () => level('databse')]) {
      expect(ask).toThrow(expect.objectContaining({ code: 'not_found', reason: 'LOGGER_UNKNOWN' }) as Error);
      expect(ask).toThrow('known are database');
    }
  });

  test('that are none are refused', async () => {
    const { setLevel } = await openInMemory();
    expect(() => setLevel('loud' as 'info')).toThrow(TypeError);
  });

  test('are kept for 500 names; more follow the level of all', async () => {
    const { logger, levels, setLevel, written } = await openInMemory();
    for (let index = 0; index < 600; index += 1) logger.named(`n${index}`);
    expect(Object.keys(levels())).toHaveLength(500);
    setLevel('debug');
    logger.named('n599').debug('still named');
    expect(written[0]).toContain('"logger":"n599"');
  });
});

describe('a level for a time', () => {
  const forMs = 600_000;

  test('returns to what it was, and a line says so', async () => {
    vi.useFakeTimers();
    const { logger, lines, setLevel, level } = await openInMemory();
    const database = logger.named('database');
    setLevel('debug', 'database', { forMs });
    setLevel('trace', undefined, { forMs });
    expect([level(), level('database')]).toEqual(['trace', 'debug']);
    vi.advanceTimersByTime(forMs);
    expect([level(), level('database')]).toEqual(['info', 'info']);
    expect(lines()).toMatchObject([
      { level: 'info', of: 'database', msg: 'The log level is back to what it was' },
      { level: 'info', of: 'all', msg: 'The log level is back to what it was' },
    ]);
    // The name follows the level of all again.
    setLevel('warn');
    database.info('no more');
    expect(lines()).toHaveLength(2);
  });

  test('set again counts from then on, and returns to what was before both', async () => {
    vi.useFakeTimers();
    const { setLevel, level } = await openInMemory();
    setLevel('debug', undefined, { forMs });
    vi.advanceTimersByTime(forMs - 1);
    setLevel('trace', undefined, { forMs });
    vi.advanceTimersByTime(forMs - 1);
    expect(level()).toBe('trace');
    vi.advanceTimersByTime(1);
    expect(level()).toBe('info');
  });

  test('set for good meanwhile stays', async () => {
    vi.useFakeTimers();
    const { setLevel, level } = await openInMemory();
    setLevel('debug', undefined, { forMs });
    setLevel('error');
    vi.advanceTimersByTime(2 * forMs);
    expect(level()).toBe('error');
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([0, -1, NaN, Infinity, 2 ** 31])('of %d ms is refused', async (ms) => {
    const { setLevel, level } = await openInMemory();
    expect(() => setLevel('debug', undefined, { forMs: ms })).toThrow(RangeError);
    expect(level()).toBe('info');
  });

  test('leaves no timer when the logs are closed', async () => {
    vi.useFakeTimers();
    const logging = await openInMemory();
    logging.setLevel('debug', undefined, { forMs });
    await logging[Symbol.asyncDispose]();
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('a level that is none is refused when the logs open', async () => {
  await expect(openInMemory({ level: 'loud' })).rejects.toThrow(TypeError);
});

test('counts say how many lines of each level were logged', async () => {
  const { logger, counts } = await openInMemory();
  logger.debug('not written');
  logger.info('a');
  logger.named('x').error('b');
  logger.child({}).error('c');
  expect(counts).toEqual({
    written: { trace: 0, debug: 0, info: 1, warn: 0, error: 2, fatal: 0 },
    ...{ suppressed: 0, dropped: 0, droppedBy: {} },
  });
});
