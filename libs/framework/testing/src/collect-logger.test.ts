import { expect, test } from 'vitest';
import { collectLogger } from './collect-logger.ts';

test.each(['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const)('keeps a line of level %s', (level) => {
  const logger = collectLogger();
  logger[level]('plain');
  logger[level]({ id: 1 }, 'with fields');
  expect(logger.lines).toEqual([
    { level, message: 'plain', fields: {}, logger: undefined },
    { level, message: 'with fields', fields: { id: 1 }, logger: undefined },
  ]);
});

test('keeps the lines of children and named loggers in order, with their fields and names', () => {
  const logger = collectLogger();
  const child = logger.child({ a: 1, b: 1 }).named('database').child({ b: 2 });
  child.info({ c: 3 }, 'first');
  logger.info('second');
  expect(logger.lines).toEqual([
    { level: 'info', message: 'first', fields: { a: 1, b: 2, c: 3 }, logger: 'database' },
    { level: 'info', message: 'second', fields: {}, logger: undefined },
  ]);
  expect(child.lines).toBe(logger.lines);
});

test('keeps the last 10 000 lines', () => {
  const logger = collectLogger();
  for (let line = 1; line <= 10_001; line += 1) logger.info(`${line}`);
  expect(logger.lines).toHaveLength(10_000);
  expect(logger.lines[0]?.message).toBe('2');
});
