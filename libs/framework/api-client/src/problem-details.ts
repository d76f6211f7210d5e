import type { ErrorDetails, Violation } from '@org/errors';

// A problem document comes from elsewhere: what is taken over from it has a known shape, and an end.
const longestText = 1_000;
const mostViolations = 100;
const mostKeys = 50;
const deepest = 4;

/** Text of one line, cut where it is too long; `undefined` for all else. */
export function lineOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  return value.slice(0, longestText).replaceAll(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, ' ');
}

/** What a program may use of a problem document: its `details`, and its `errors` as violations. */
export function detailsOf(problem: Readonly<Record<string, unknown>>): ErrorDetails {
  const violations = violationsOf(problem.errors);
  // These two have their own places in an answer: `errors` and `Retry-After`.
  const { violations: _, retryAfterMs: _r, ...details } = isRecord(problem.details) ? copyRecord(problem.details) : {};
  return { ...details, ...(violations && { violations }) };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function violationsOf(errors: unknown): Violation[] | undefined {
  if (!Array.isArray(errors)) return undefined;
  const violations = errors.slice(0, mostViolations).flatMap((each: unknown) => {
    if (!isRecord(each)) return [];
    const [pointer, detail, part] = [lineOf(each.pointer), lineOf(each.detail), lineOf(each.in)];
    if (pointer === undefined || detail === undefined) return [];
    return [{ ...(part !== undefined && { in: part }), pointer, detail }];
  });
  return violations.length > 0 ? violations : undefined;
}

function copyRecord(record: Record<string, unknown>, depth = 1): Record<string, unknown> {
  const entries = Object.entries(record)
    .filter(([key]) => key !== '__proto__' && key !== 'constructor' && key !== 'prototype' && key.length <= 100)
    .slice(0, mostKeys)
    .map(([key, value]) => [key, copyValue(value, depth)] as const);
  return Object.fromEntries(entries);
}

function copyValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.slice(0, longestText);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) return undefined;
  if (Array.isArray(value)) return value.slice(0, mostKeys).map((each) => copyValue(each, depth + 1));
  return copyRecord(value as Record<string, unknown>, depth + 1);
}
