import { diag } from '@opentelemetry/api';
import { collectLogger } from '@org/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { logDiagnostics } from './diagnostics.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => {
  vi.useRealTimers();
  diag.disable();
});

test('what is said again within a minute is left out, whatever numbers it has', () => {
  const logger = collectLogger();
  logDiagnostics(logger, 'warn');
  for (let spans = 1; spans <= 50; spans += 1) diag.warn(`Dropped ${spans} spans because maxQueueSize reached`);
  diag.warn('something else');
  diag.error('something else');
  expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
    ['warn', 'Dropped 1 spans because maxQueueSize reached'],
    ['warn', 'something else'],
    ['error', 'something else'],
  ]);
  vi.advanceTimersByTime(60_001);
  diag.warn('Dropped 51 spans because maxQueueSize reached');
  expect(logger.lines.at(-1)?.message).toContain('Dropped 51');
});

test('of many texts the oldest are forgotten', () => {
  const logger = collectLogger();
  logDiagnostics(logger, 'warn');
  const text = (index: number) => `text ${'x'.repeat(index)}`;
  for (let index = 0; index < 150; index += 1) diag.warn(text(index));
  diag.warn(text(149));
  expect(logger.lines).toHaveLength(150);
  diag.warn(text(0));
  expect(logger.lines).toHaveLength(151);
});
