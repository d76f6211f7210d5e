/** @throws {RangeError} when an option is not a whole number from 1 to `max`. */
export function expectInteger(name: string, value: number, max = Number.MAX_SAFE_INTEGER): number {
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  const limits = max === Number.MAX_SAFE_INTEGER ? 'from 1 up' : `from 1 to ${max}`;
  throw new RangeError(`Expected \`${name}\` to be an integer ${limits}, got \`${value}\``);
}
