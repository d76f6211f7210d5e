/** What a measurement found, beside what it may be at most, or is to be at least. */
export type Finding = { readonly what: string; readonly value: number } & (
  { readonly atMost: number } | { readonly atLeast: number }
);

/** Whether nothing is beyond its limit. */
export function areWithin(findings: readonly Finding[]): boolean {
  return findings.every(isWithin);
}

/** One line of a table: what, the value, its limit, and whether that is held. */
export function cellsOf(finding: Finding): string[] {
  const limit = 'atMost' in finding ? `≤ ${finding.atMost.toFixed(2)}` : `≥ ${finding.atLeast.toFixed(2)}`;
  return [finding.what, finding.value.toFixed(2), limit, isWithin(finding) ? 'yes' : 'NO'];
}

function isWithin(finding: Finding): boolean {
  return 'atMost' in finding ? finding.value <= finding.atMost : finding.value >= finding.atLeast;
}
