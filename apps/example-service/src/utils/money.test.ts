import { describe, expect, test } from 'vitest';
import { formatMoney, money, multiply, sum } from './money.ts';

const most = Number.MAX_SAFE_INTEGER;

describe('money', () => {
  test.each([0.5, NaN, Infinity, most + 1, '1250' as unknown as number])(
    'is a whole number of minor units, not %s',
    (amount) => {
      expect(() => money(amount, 'EUR')).toThrow(
        new RangeError(`Expected \`amount\` to be a whole number of minor units, got \`${amount}\``),
      );
    },
  );

  test.each(['', 'eur', 'EURO', '€'])('has a currency of ISO 4217, not "%s"', (currency) => {
    expect(() => money(1, currency)).toThrow(RangeError);
  });
});

describe('a line total', () => {
  test.each([
    [1250, 2, 2500],
    [0, 10_000, 0],
    [1, most, most],
    [-300, 3, -900],
  ])('of %d times %d is %d', (price, quantity, total) => {
    expect(multiply(money(price, 'USD'), quantity)).toEqual({ amount: total, currency: 'USD' });
  });

  test.each([
    [most, 2],
    [2 ** 27, 2 ** 26],
    [-most, 2],
  ])('of %d times %d is refused, since it is no longer exact', (price, quantity) => {
    expect(() => multiply(money(price, 'EUR'), quantity)).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        reason: 'AMOUNT_TOO_LARGE',
        message: 'The amount is too large: at most 90071992547409.91 EUR can be told apart exactly',
      }),
    );
  });
});

describe('a sum', () => {
  test('of amounts in one currency is exact', () => {
    expect(sum([money(10, 'EUR'), money(20, 'EUR')], 'EUR')).toEqual({ amount: 30, currency: 'EUR' });
    expect(sum([money(most - 1, 'EUR'), money(1, 'EUR')], 'EUR')).toEqual({ amount: most, currency: 'EUR' });
  });

  test('of nothing is zero', () => {
    expect(sum([], 'JPY')).toEqual({ amount: 0, currency: 'JPY' });
  });

  test('across currencies is refused', () => {
    expect(() => sum([money(1, 'EUR'), money(1, 'USD')], 'EUR')).toThrow(
      new RangeError('Expected all amounts to be in EUR, got one in USD'),
    );
  });

  test('that is no longer exact is refused', () => {
    expect(() => sum([money(most, 'JPY'), money(1, 'JPY')], 'JPY')).toThrow(
      expect.objectContaining({ reason: 'AMOUNT_TOO_LARGE' }),
    );
  });
});

test.each([
  [123450, 'EUR', '1234.50 EUR'],
  [5, 'USD', '0.05 USD'],
  [0, 'EUR', '0.00 EUR'],
  [-5, 'USD', '-0.05 USD'],
  [1235, 'JPY', '1235 JPY'],
  [1234, 'KWD', '1.234 KWD'],
  [most, 'EUR', '90071992547409.91 EUR'],
])('%d of %s reads %s', (amount, currency, text) => {
  expect(formatMoney(money(amount, currency))).toBe(text);
});
