import { join } from 'node:path';
import { runReadme } from '@org/testing';
import { expect, test } from 'vitest';

test('the example of the README runs, and its log line belongs to its trace', async () => {
  const lines = (await runReadme(join(import.meta.dirname, '..'))).trimEnd().split('\n');
  const line = lines.find((each) => each.includes('order placed'));
  const headers = lines.find((each) => each.includes('traceparent'));
  expect(lines[0]).toBe('local');
  const { trace_id: traceId, span_id: spanId } = JSON.parse(line!) as { trace_id: string; span_id: string };
  expect(JSON.parse(headers!)).toEqual({ traceparent: `00-${traceId}-${spanId}-00` });
});
