import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { waitFor } from './wait-for.ts';

describe('waitFor', () => {
  test('gives the first truthy result', async () => {
    let looks = 0;
    const result = await waitFor(() => (looks += 1) >= 3 && `after ${looks}`, { intervalMs: 1, what: 'three looks' });
    expect(result).toBe('after 3');
  });

  test('takes a look that throws for not yet', async () => {
    let looks = 0;
    const result = await waitFor(
      async () => {
        looks += 1;
        if (looks < 3) throw new Error('not there');
        return looks;
      },
      { intervalMs: 1, what: 'the third look' },
    );
    expect(result).toBe(3);
  });

  test('says on a time-out what it waited for and why the last look failed', async () => {
    const refused = new Error('connection refused');
    const waiting = waitFor(() => Promise.reject(refused), {
      timeoutMs: 30,
      intervalMs: 5,
      what: 'the port to answer',
    });
    await expect(waiting).rejects.toThrow(
      'Waited 30 ms for the port to answer; the last look failed: connection refused',
    );
    await expect(waiting).rejects.toHaveProperty('cause', refused);
  });

  test('says on a time-out nothing of a last look when none failed', async () => {
    const waiting = waitFor(() => false, { timeoutMs: 10, intervalMs: 5, what: 'nothing' });
    await expect(waiting).rejects.toThrow(/^Waited 10 ms for nothing$/);
  });

  test('gives up a look that never ends, and tells it so by its signal', async () => {
    let given: AbortSignal | undefined;
    const waiting = waitFor(
      (signal) => {
        given = signal;
        return new Promise<boolean>(() => undefined);
      },
      { timeoutMs: 20, what: 'an answer' },
    );
    await expect(waiting).rejects.toThrow('Waited 20 ms for an answer');
    expect(given?.aborted).toBe(true);
  });

  test('does not blame the look that it gave up', async () => {
    const waiting = waitFor((signal) => delay(60_000, true, { signal }), { timeoutMs: 20, what: 'an answer' });
    await expect(waiting).rejects.toThrow(/^Waited 20 ms for an answer$/);
  });
});
