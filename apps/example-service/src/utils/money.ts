import { ServiceError } from '@org/errors';

/** An amount of money: a whole number of the currency's minor units, such as cents, so that nothing is ever rounded. */
export interface Money {
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
}

/** @throws {RangeError} when the amount is not a whole number that is exact, or the currency is not three capitals. */
export function money(amount: number, currency: string): Money {
  if (!Number.isSafeInteger(amount)) {
    throw new RangeError(`Expected \`amount\` to be a whole number of minor units, got \`${amount}\``);
  }
  if (!/^[A-Z]{3}$/.test(currency)) {
    throw new RangeError(`Expected \`currency\` to be a code of ISO 4217, got \`${currency}\``);
  }
  return { amount, currency };
}

/**
 * The price of several pieces.
 *
 * @throws {ServiceError} invalid_argument, AMOUNT_TOO_LARGE
 */
export function multiply({ amount, currency }: Money, quantity: number): Money {
  return exact(amount * quantity, currency);
}

/**
 * Adds amounts of one currency; nothing gives zero.
 *
 * @throws {RangeError} when one is in another currency: there is no sum without a rate.
 * @throws {ServiceError} invalid_argument, AMOUNT_TOO_LARGE
 */
export function sum(amounts: readonly Money[], currency: string): Money {
  return amounts.reduce(
    (total, each) => {
      if (each.currency !== currency) {
        throw new RangeError(`Expected all amounts to be in ${currency}, got one in ${each.currency}`);
      }
      return exact(total.amount + each.amount, currency);
    },
    money(0, currency),
  );
}

/** For messages to people: `1234.50 EUR`, `1235 JPY`. */
export function formatMoney({ amount, currency }: Money): string {
  const digits = minorDigits(currency);
  const units = String(Math.abs(amount)).padStart(digits + 1, '0');
  const whole = units.slice(0, units.length - digits);
  const fraction = digits === 0 ? '' : `.${units.slice(-digits)}`;
  return `${amount < 0 ? '-' : ''}${whole}${fraction} ${currency}`;
}

/** The digits behind the point, as ICU knows them of ISO 4217. */
function minorDigits(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
  return maximumFractionDigits ?? 2;
}

/** A product or sum of whole numbers that is past the exact ones is past them after rounding, too. */
function exact(amount: number, currency: string): Money {
  if (Number.isSafeInteger(amount)) return { amount, currency };
  const largest = formatMoney({ amount: Number.MAX_SAFE_INTEGER, currency });
  throw new ServiceError('invalid_argument', `The amount is too large: at most ${largest} can be told apart exactly`, {
    reason: 'AMOUNT_TOO_LARGE',
  });
}
