import { metrics } from '@opentelemetry/api';
import { openMetrics } from '@org/metrics';
import { afterEach, expect, test } from 'vitest';
import { observeLogs } from './observe-logs.ts';

afterEach(() => metrics.disable());

test('what logging counts is on /metrics, what was lost by handler and reason', async () => {
  const exposition = await openMetrics();
  metrics.setGlobalMeterProvider(exposition.measure().provider);
  const counts = {
    written: { trace: 0, debug: 0, info: 5, warn: 1, error: 0, fatal: 0 },
    suppressed: 3,
    dropped: 0,
    droppedBy: {} as Record<string, Record<string, number>>,
  };
  using _ = observeLogs({ counts });
  const lines = async () => (await exposition.expose()).split('\n').filter((line) => line.startsWith('log_'));
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'log_lines_total{log_level="info"} 5',
      'log_lines_total{log_level="fatal"} 0',
      'log_lines_suppressed_total 3',
      'log_lines_dropped_total 0',
    ]),
  );
  counts.dropped = 3;
  counts.droppedBy = { file: { ENOSPC: 2 }, console: { EPIPE: 1 } };
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'log_lines_dropped_total{log_handler="file",error_type="ENOSPC"} 2',
      'log_lines_dropped_total{log_handler="console",error_type="EPIPE"} 1',
    ]),
  );
});
