import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { openLogging } from './open-logging.ts';

const service = { name: 'orders', version: '1.2.3' };
const windowMs = 10_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function openLimited(repeatLimit: number) {
  const written: string[] = [];
  const destination = { write: (line: string) => written.push(line) };
  const logging = await openLogging({ repeatLimit, level: 'trace' }, { service, destination });
  onTestFinished(() => logging[Symbol.asyncDispose]());
  const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { ...logging, lines, messages: () => lines().map(({ msg }) => msg) };
}

test.each(['warn', 'error'] as const)(
  'the same %s line is written so many times in 10 s, and the rest is counted in one line',
  async (level) => {
    const { logger, lines, counts } = await openLimited(3);
    const database = logger.named('database');
    for (let index = 0; index < 1_237; index += 1) database[level]({ index }, 'Lost a connection');
    expect(lines()).toHaveLength(3);
    expect(counts.suppressed).toBe(1_234);
    vi.advanceTimersByTime(windowMs + 1);
    expect(lines()[3]).toMatchObject({
      ...{ level, logger: 'database', suppressed: 1_234 },
      msg: '"Lost a connection" was logged 1234 more times',
    });
    database[level]('Lost a connection');
    expect(lines()).toHaveLength(5);
    expect(vi.getTimerCount()).toBe(0);
  },
);

test('other messages, levels and loggers are counted apart', async () => {
  const { logger, messages } = await openLimited(1);
  logger.warn('a');
  logger.error('a');
  logger.named('x').warn('a');
  logger.warn('b');
  logger.child({ c: 1 }).warn('a');
  expect(messages()).toEqual(['a', 'a', 'a', 'b']);
});

test('lines with errors of other names, codes or reasons are counted apart, whatever the errors say', async () => {
  const { logger, lines } = await openLimited(1);
  const fail = (name: string, code?: string) => Object.assign(new Error(`${Math.random()}`), { name, code });
  for (const err of [fail('A'), fail('A'), fail('B'), fail('A', 'x'), fail('A', 'x')]) logger.error({ err }, 'request');
  expect(lines()).toHaveLength(3);
  vi.advanceTimersByTime(windowMs + 1);
  expect(lines().slice(3)).toMatchObject([
    { error: 'A', suppressed: 1, msg: '"request" was logged 1 more times' },
    { error: 'A x', suppressed: 1, msg: '"request" was logged 1 more times' },
  ]);
});

test.each(['trace', 'debug', 'info', 'fatal'] as const)('%s lines are never held back', async (level) => {
  const { logger, messages } = await openLimited(1);
  for (let index = 0; index < 500; index += 1) logger[level]('request');
  expect(messages()).toHaveLength(500);
});

test('0 is no limit', async () => {
  const { logger, messages } = await openLimited(0);
  for (let index = 0; index < 500; index += 1) logger.error('x');
  expect(messages()).toHaveLength(500);
});

test('a line that was written less often than the limit has no summary', async () => {
  const { logger, messages } = await openLimited(2);
  logger.warn('x');
  logger.warn('x');
  vi.advanceTimersByTime(windowMs);
  expect(messages()).toEqual(['x', 'x']);
});

test('windows that end one after the other have each their summary', async () => {
  const { logger, messages } = await openLimited(1);
  for (const message of ['a', 'b']) {
    logger.warn(message);
    logger.warn(message);
    vi.advanceTimersByTime(windowMs / 2);
  }
  vi.advanceTimersByTime(1);
  expect(messages().slice(2)).toEqual(['"a" was logged 1 more times']);
  vi.advanceTimersByTime(windowMs / 2);
  expect(messages().slice(2)).toEqual(['"a" was logged 1 more times', '"b" was logged 1 more times']);
});

test('a flush summarizes at once and the window goes on; closing leaves no timer', async () => {
  const logging = await openLimited(1);
  for (let index = 0; index < 3; index += 1) logging.logger.error('x');
  logging.flush();
  logging.logger.error('x');
  expect(logging.messages()).toEqual(['x', '"x" was logged 2 more times']);
  await logging[Symbol.asyncDispose]();
  expect(logging.messages().at(-1)).toBe('"x" was logged 1 more times');
  expect(vi.getTimerCount()).toBe(0);
});

test('of ever new messages a bounded number is remembered; none of their summaries is lost', async () => {
  const { logger, messages, counts } = await openLimited(1);
  for (let index = 0; index < 5_000; index += 1) {
    logger.warn(`no ${index}`);
    logger.warn(`no ${index}`);
  }
  expect(counts.suppressed).toBe(5_000);
  // Those that the memory has no room for are summarized early.
  expect(messages().filter((message) => String(message).includes('more times'))).toHaveLength(4_000);
  vi.advanceTimersByTime(windowMs + 1);
  expect(messages().filter((message) => String(message).includes('more times'))).toHaveLength(5_000);
});

test('long messages are told apart by their beginning, which is what the summary shows', async () => {
  const { logger, messages } = await openLimited(1);
  logger.error(`${'x'.repeat(300)}1`);
  logger.error(`${'x'.repeat(300)}2`);
  vi.advanceTimersByTime(windowMs + 1);
  expect(messages()).toHaveLength(2);
  expect(messages()[1]).toBe(`"${'x'.repeat(200)}" was logged 1 more times`);
});
