/** Refuses an option that is not a number within its limits. */
export function expectNumber(
  name: string,
  value: number,
  { min, max = Infinity }: { min: number; max?: number },
): void {
  if (value >= min && value <= max) return;
  const limits = max === Infinity ? `from ${min} up` : `from ${min} to ${max}`;
  throw new RangeError(`Expected \`${name}\` to be a number ${limits}, got \`${value}\``);
}

/** Refuses an option that is not a whole number from `min` up. */
export function expectInteger(name: string, value: number, min: number): void {
  if (Number.isSafeInteger(value) && value >= min) return;
  throw new RangeError(`Expected \`${name}\` to be an integer from ${min} up, got \`${value}\``);
}
