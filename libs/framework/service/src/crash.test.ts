import { join } from 'node:path';
import { openOtlpReceiver, startProcess, type OtlpAnswer } from '@org/testing';
import { expect, test } from 'vitest';

const file = join(import.meta.dirname, '../test-fixtures/crasher.ts');

async function crash(answer: OtlpAnswer) {
  await using receiver = await openOtlpReceiver();
  receiver.answer(answer);
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_METRICS_EXPORTER: 'otlp' };
  await using child = await startProcess(file, [], {
    cwd: import.meta.dirname,
    env: { LOG_FORMAT: 'json', ...environment },
  });
  await child.line('nobody catches this');
  const crashedAt = performance.now();
  const exit = await child.exit;
  return {
    exit,
    elapsedMs: performance.now() - crashedAt,
    spans: receiver.spans,
    metrics: receiver.metrics,
    lines: child.stdout.split('\n').filter((line) => line.includes('ends the process')),
  };
}

test('an error that nobody caught ends the process after what there was to tell is sent', async () => {
  const { exit, spans, metrics, lines } = await crash('accept');
  expect(exit).toEqual({ code: 1, signal: null });
  expect(spans).toMatchObject([{ name: 'the last work' }]);
  expect(metrics.map(({ name }) => name)).toContain('process.uptime');
  // It goes on throwing meanwhile, which is said once.
  expect(lines).toHaveLength(1);
});

test('a collector that never answers does not keep it', async () => {
  const { exit, elapsedMs } = await crash('hang');
  expect(exit).toEqual({ code: 1, signal: null });
  expect(elapsedMs).toBeLessThan(5_000);
});
