/** How much of a message is taken. */
export interface Limits {
  /** The most bytes of a body, as it is when nothing compresses it. Default 1 048 576 (1 MiB). */
  readonly maximumBytes?: number;
  /** How deep objects and arrays may be nested in JSON data. Default 64. */
  readonly maximumDepth?: number;
}

export const defaultMaximumBytes = 1_048_576;
export const defaultMaximumDepth = 64;

/** @throws {RangeError} when an option is not a whole number from `min` up. */
export function expectInteger(name: string, value: number, min: number): number {
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new RangeError(`Expected \`${name}\` to be an integer from ${min} up, got \`${value}\``);
}

export function maximumBytesOf({ maximumBytes = defaultMaximumBytes }: Limits): number {
  return expectInteger('maximumBytes', maximumBytes, 1);
}

export function maximumDepthOf({ maximumDepth = defaultMaximumDepth }: Limits): number {
  return expectInteger('maximumDepth', maximumDepth, 1);
}
