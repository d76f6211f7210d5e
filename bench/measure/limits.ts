/** What a measurement found, beside what it may be at most. */
export interface Finding {
  readonly what: string;
  readonly ratio: number;
  readonly limit: number;
}

/** Whether nothing is beyond its limit. */
export function isWithin(findings: readonly Finding[]): boolean {
  return findings.every(({ ratio, limit }) => ratio <= limit);
}

export function cellsOf({ what, ratio, limit }: Finding): string[] {
  return [what, ratio.toFixed(2), limit.toFixed(2), ratio <= limit ? 'yes' : 'NO'];
}
