import { describe, expect, test } from 'vitest';
import { createRetryBudget } from './retry-budget.ts';

describe('a retry budget', () => {
  test('allows a burst at first, and then a share of the calls', () => {
    const budget = createRetryBudget({ ratio: 0.2, burst: 3 });
    let retries = 0;
    for (let call = 0; call < 1_000; call += 1) {
      budget.deposit();
      // Every call fails, and would like to be tried twice more.
      for (let wish = 0; wish < 2; wish += 1) if (budget.withdraw()) retries += 1;
    }
    expect(retries).toBeLessThanOrEqual(3 + 0.2 * 1_000);
    expect(retries).toBeGreaterThanOrEqual(0.2 * 1_000);
  });

  test('does not save up more than the burst, however long all goes well', () => {
    const budget = createRetryBudget({ ratio: 0.5, burst: 4 });
    for (let call = 0; call < 10_000; call += 1) budget.deposit();
    const granted = Array.from({ length: 10 }, () => budget.withdraw()).filter(Boolean);
    expect(granted).toHaveLength(4);
  });

  test('pays for a retry with ten calls of a tenth each', () => {
    const budget = createRetryBudget({ ratio: 0.1, burst: 1 });
    expect(budget.withdraw()).toBe(true);
    for (let call = 0; call < 9; call += 1) budget.deposit();
    expect(budget.withdraw()).toBe(false);
    budget.deposit();
    expect(budget.withdraw()).toBe(true);
  });

  test.each([
    [{ ratio: -0.1 }, 'Expected `retry.budget.ratio` to be a number from 0 to 1, got `-0.1`'],
    [{ ratio: 2 }, 'Expected `retry.budget.ratio` to be a number from 0 to 1, got `2`'],
    [{ ratio: Number.NaN }, 'Expected `retry.budget.ratio` to be a number from 0 to 1, got `NaN`'],
    [{ burst: 0 }, 'Expected `retry.budget.burst` to be a number from 1 up, got `0`'],
  ])('refuses %o', (options, message) => {
    expect(() => createRetryBudget(options)).toThrow(new RangeError(message));
  });
});
