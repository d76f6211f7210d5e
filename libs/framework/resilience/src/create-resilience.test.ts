import { getEventListeners } from 'node:events';
import { createCall, currentCall, remainingMs, runInCall } from '@org/context';
import { ServiceError } from '@org/errors';
import { metrics } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { describe, expect, test } from 'vitest';
import { manualClock } from '../test-fixtures/manual-clock.ts';
import { createResilience, type ResilienceOptions } from './index.ts';

const never = () => new Promise<never>(() => {});
const down = () => Promise.reject(new ServiceError('unavailable', 'down'));
const policy = (options: Partial<ResilienceOptions> = {}) =>
  createResilience({ name: 'orders', clock: manualClock(), ...options });

describe('the time of a call', () => {
  test.each([
    ['the policy', { timeoutMs: 20 }, {}],
    ['one attempt', { attemptTimeoutMs: 20 }, {}],
    ['the run', {}, { timeoutMs: 20 }],
  ])('is bounded by that of %s, also for work that heeds no signal', async (_, options, run) => {
    let seen: AbortSignal | undefined;
    const running = policy(options).run((signal) => {
      seen = signal;
      return never();
    }, run);
    await expect(running).rejects.toMatchObject({ code: 'deadline_exceeded', reason: 'DEADLINE_EXCEEDED' });
    expect(seen?.aborted).toBe(true);
  });

  test('is never longer than that of the current call, and the work sees it', async () => {
    using call = createCall({ timeoutMs: 1_000, requestId: 'r-1' });
    await runInCall(call, () =>
      policy({ timeoutMs: 60_000 }).run(async () => {
        expect(currentCall()?.requestId).toBe('r-1');
        expect(remainingMs(currentCall())).toBeLessThanOrEqual(1_000);
      }),
    );
  });

  test('may be longer for one run than for the others', async () => {
    await policy({ timeoutMs: 500 }).run(async () => expect(remainingMs(currentCall())).toBeGreaterThan(30_000), {
      timeoutMs: 60_000,
    });
  });

  test('bounds what waits for its turn, too', async () => {
    const { run } = policy({ bulkhead: { limit: 1 } });
    const controller = new AbortController();
    const first = run(never, { signal: controller.signal });
    await expect(run(never, { timeoutMs: 10 })).rejects.toMatchObject({ code: 'deadline_exceeded' });
    controller.abort();
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('ends at once when there is none left', async () => {
    await expect(policy().run(never, { timeoutMs: 0 })).rejects.toMatchObject({ code: 'deadline_exceeded' });
  });

  test('of one attempt does not end the call: another may do better', async () => {
    const { run } = policy({ attemptTimeoutMs: 20, retry: {} });
    expect(await run((_, attempt) => (attempt === 1 ? never() : Promise.resolve(attempt)))).toBe(2);
  });
});

describe('an abort', () => {
  test('ends the work at once, and it is not tried again', async () => {
    const controller = new AbortController();
    const attempts: number[] = [];
    const running = policy({ retry: {} }).run(
      (_, attempt) => {
        attempts.push(attempt);
        return never();
      },
      { signal: controller.signal },
    );
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(attempts).toEqual([1]);
  });

  test.each([
    ['nothing', undefined, 'cancelled'],
    ['an error of the caller', new TypeError('x'), 'cancelled'],
    ['a text', 'x', 'cancelled'],
    ['a time-out', new DOMException('x', 'TimeoutError'), 'deadline_exceeded'],
    ['an error that has a code', new ServiceError('aborted', 'x'), 'aborted'],
  ])('with %s', async (_, reason, code) => {
    const controller = new AbortController();
    const running = policy().run(never, { signal: controller.signal });
    controller.abort(reason);
    await expect(running).rejects.toMatchObject({ code });
  });

  test('ends the pause before a retry at once', async () => {
    const controller = new AbortController();
    const running = createResilience({ name: 'orders', retry: { backoffMs: 9_000 } }).run(
      () => {
        setImmediate(() => controller.abort(new ServiceError('cancelled', 'the client is gone', { reason: 'GONE' })));
        return down();
      },
      { signal: controller.signal },
    );
    await expect(running).rejects.toMatchObject({ code: 'cancelled', reason: 'GONE' });
  });

  test('leaves no listener on the signal, whether it comes or not', async () => {
    const { signal } = new AbortController();
    const { run } = policy({ retry: { budget: { burst: 1_000 } }, breaker: {}, bulkhead: { limit: 1, queue: 100 } });
    await Promise.all(Array.from({ length: 50 }, () => run(async () => {}, { signal })));
    await Promise.allSettled(Array.from({ length: 50 }, () => run(down, { signal })));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('the parts together', () => {
  test('give what the work gives, and the very error that it throws', async () => {
    const failure = new TypeError('x');
    const { run } = policy({ retry: {}, breaker: {}, bulkhead: {} });
    expect(await run(async (_, attempt) => attempt)).toBe(1);
    await expect(run(() => Promise.reject(failure))).rejects.toBe(failure);
    await expect(
      run(() => {
        throw failure;
      }),
    ).rejects.toBe(failure);
  });

  test('do not retry what a run forbids, nor without being told to', async () => {
    let attempts = 0;
    const count = () => {
      attempts += 1;
      return down();
    };
    await expect(policy({ retry: {} }).run(count, { retry: false })).rejects.toThrow('down');
    await expect(policy().run(count)).rejects.toThrow('down');
    expect(attempts).toBe(2);
  });

  test('bound the attempts at a server that is down to the calls, a burst and a tenth', async () => {
    let attempts = 0;
    const { run } = policy({ retry: { attempts: 5 } });
    for (let call = 0; call < 500; call += 1) {
      await run(() => {
        attempts += 1;
        return down();
      }).catch(() => {});
    }
    expect(attempts).toBeGreaterThan(500);
    expect(attempts).toBeLessThanOrEqual(500 + 10 + 50);
  });

  test('do not retry what the circuit rejects: it would only wait', async () => {
    const clock = manualClock();
    const { run } = policy({ clock, retry: { attempts: 10 }, breaker: { size: 4 } });
    await expect(run(down)).rejects.toMatchObject({ reason: 'CIRCUIT_OPEN' });
    expect(clock.pauses).toHaveLength(2);
    await expect(run(down)).rejects.toMatchObject({ reason: 'CIRCUIT_OPEN' });
    expect(clock.pauses).toHaveLength(2);
  });

  test('do not open the circuit for callers in a hurry, nor for those who go away', async () => {
    const { run } = policy({ attemptTimeoutMs: 10_000, breaker: { size: 4 } });
    for (let call = 0; call < 10; call += 1) await run(never, { timeoutMs: 1 }).catch(() => {});
    for (let call = 0; call < 10; call += 1) await run(never, { signal: AbortSignal.abort() }).catch(() => {});
    expect(await run(async () => 'well')).toBe('well');
  });

  test('open the circuit for what `when` says alone', async () => {
    const { run } = policy({ breaker: { size: 2, when: ({ code }) => code === 'not_found' } });
    const missing = () => Promise.reject(new ServiceError('not_found', 'x'));
    for (let call = 0; call < 4; call += 1) await run(down).catch(() => {});
    for (let call = 0; call < 2; call += 1) await expect(run(missing)).rejects.toMatchObject({ code: 'not_found' });
    await expect(run(missing)).rejects.toMatchObject({ reason: 'CIRCUIT_OPEN' });
  });

  test('open the circuit for a server that takes all its time', async () => {
    const { run } = policy({ timeoutMs: 5, breaker: { size: 4 } });
    for (let call = 0; call < 4; call += 1) await run(never).catch(() => {});
    await expect(run(never)).rejects.toMatchObject({ reason: 'CIRCUIT_OPEN' });
  });
});

describe('options', () => {
  test.each([
    [{ name: '' }, new TypeError('Expected `name` to say what is called, got none')],
    [{ timeoutMs: 0 }, new RangeError('Expected `timeoutMs` to be a number from 1 to 2147483647, got `0`')],
    [
      { attemptTimeoutMs: Infinity },
      new RangeError('Expected `attemptTimeoutMs` to be a number from 1 to 2147483647, got `Infinity`'),
    ],
  ])('such as %o are refused', (options, error) => {
    expect(() => policy(options)).toThrow(error);
  });
});

class OnDemandReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

test('what happens is counted by the name of the policy alone', async () => {
  const reader = new OnDemandReader();
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  try {
    const budget = { burst: 1, ratio: 0 };
    const broken = policy({ retry: { budget }, breaker: { size: 4 } });
    await broken.run(down).catch(() => {});
    await broken.run(down).catch(() => {});
    const full = policy({ bulkhead: { limit: 1, queue: 0 } });
    await Promise.allSettled([full.run(never, { timeoutMs: 5 }), full.run(never)]);

    const { resourceMetrics } = await reader.collect();
    const seen = resourceMetrics.scopeMetrics.flatMap(({ metrics: all }) =>
      all.flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => [descriptor.name, attributes, value]),
      ),
    );
    const labels = { 'resilience.policy': 'orders' };
    expect(seen).toEqual(
      expect.arrayContaining([
        ['resilience.retries', labels, 1],
        ['resilience.retry_budget.exhausted', labels, 1],
        ['resilience.circuit_breaker.opened', labels, 1],
        ['resilience.circuit_breaker.state', labels, 2],
        ['resilience.circuit_breaker.rejections', labels, 1],
        ['resilience.bulkhead.rejections', labels, 1],
      ]),
    );
    expect(seen.every(([, attributes]) => Object.keys(attributes as object).join() === 'resilience.policy')).toBe(true);
  } finally {
    metrics.disable();
    await provider.shutdown();
  }
});
