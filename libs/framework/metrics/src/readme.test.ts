import { join } from 'node:path';
import { runReadme } from '@org/testing';
import { expect, test } from 'vitest';

test('the example of the README runs, and exposes what it measures', async () => {
  const text = await runReadme(join(import.meta.dirname, '..'));
  expect(text).toContain('\norders_placed_total{country="CH"} 1\n');
  expect(text).toContain('\norders_price_duration_seconds_bucket{le="0.025"} 1\n');
  expect(text).toContain('\n# TYPE process_start_time_seconds gauge\n');
});
