import { randomFillSync } from 'node:crypto';

/** Makes the ids of traces and spans: random, lower-case hexadecimal digits, as W3C Trace Context section 3.2.2 has them. */
export interface Ids {
  /** 32 digits. */
  traceId(): string;
  /** 16 digits. */
  spanId(): string;
}

const poolBytes = 4_096;

/** Makes ids out of a pool of random bytes: asking for them one by one costs more than all else that a span does. */
export function createIds(): Ids {
  const bytes = Buffer.alloc(poolBytes);
  let digits = '';
  let used = 0;
  const take = (length: number): string => {
    if (used + length > digits.length) {
      digits = randomFillSync(bytes).toString('hex');
      used = 0;
    }
    used += length;
    return digits.slice(used - length, used);
  };
  return { traceId: () => take(32), spanId: () => take(16) };
}
