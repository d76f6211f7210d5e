import { isValidSpanId, isValidTraceId } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { createIds } from './ids.ts';

test('ids are valid, and no two are alike', () => {
  const ids = createIds();
  const made = Array.from({ length: 10_000 }, () => [ids.traceId(), ids.spanId()] as const);
  expect(made.every(([trace, span]) => isValidTraceId(trace) && isValidSpanId(span))).toBe(true);
  expect(new Set(made.flat()).size).toBe(20_000);
  // Not even those of another service share what is random in them.
  expect(createIds().traceId()).not.toBe(createIds().traceId());
});
