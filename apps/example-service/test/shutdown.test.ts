import { exampleNewOrder } from '@org/example-service-contract';
import { startBuilt } from '@org/service/testing';
import { load, waitFor } from '@org/testing';
import { expect, test } from 'vitest';
import { main, runBuilt } from './built.ts';

test(
  'under load from a hundred kept connections, SIGTERM ends with every request answered and exit code 0',
  { timeout: 120_000 },
  async () => {
    await using service = await startBuilt(main, { environment: { SHUTDOWN_DELAY: '8s' } });
    await using traffic = load({
      url: `${service.url}/orders`,
      connections: 100,
      timeoutMs: 40_000,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(exampleNewOrder),
    });
    await waitFor(() => traffic.counts().answered > 500, { what: 'five hundred orders' });

    const before = traffic.counts().answered;
    const signalled = performance.now();
    service.process.kill('SIGTERM');
    // A load balancer sees that it is not ready, and only then sends its requests elsewhere.
    await waitFor(async () => (await fetch(`${service.opsUrl}/readyz`)).status === 503, { what: 'readiness to fail' });
    await waitFor(() => traffic.counts().answered > before + 30, { what: 'thirty more orders' });
    const { answers, answered, ...lost } = await traffic.stop();

    expect(lost).toEqual({ refused: 0, reset: 0, timedOut: 0, faults: [] });
    expect(answers).toEqual({ 201: answered });
    expect(await service.process.exit).toEqual({ code: 0, signal: null });
    expect(performance.now() - signalled).toBeGreaterThanOrEqual(8_000);
    const requests = service.logs.filter(({ msg, level }) => msg === 'request' || level === 'error');
    expect(requests.filter(({ level }) => level !== 'info')).toEqual([]);
  },
);

test('a second SIGTERM ends it at once', async () => {
  await using service = await startBuilt(main, { environment: { SHUTDOWN_DELAY: '20s' } });
  service.process.kill('SIGTERM');
  await service.process.line(/stops: SIGTERM/);
  const asked = performance.now();
  service.process.kill('SIGTERM');
  expect(await service.process.exit).toEqual({ code: 143, signal: null });
  expect(performance.now() - asked).toBeLessThan(2_000);
});

test('SIGTERM during the start ends it with exit code 0, having closed what was open', async () => {
  await using child = await runBuilt([], { PORT: '0', OPS_PORT: '0', LOG_FORMAT: 'json' });
  await child.line('Applied a migration');
  child.kill('SIGTERM');
  expect(await child.exit).toEqual({ code: 0, signal: null });
  expect(child.stderr).toBe('');
});

test('SIGINT, as from a terminal, ends it with exit code 0', async () => {
  await using service = await startBuilt(main);
  service.process.kill('SIGINT');
  expect(await service.process.exit).toEqual({ code: 0, signal: null });
});
