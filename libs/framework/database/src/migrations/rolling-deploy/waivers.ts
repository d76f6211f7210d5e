import type { Comment, ParsedStatement } from './parse.ts';
import { isRule, type RuleName } from './rules.ts';

/** A comment that lets one statement do what a rule forbids. */
export interface Waiver {
  readonly rule: string;
  readonly reason: string;
  readonly start: number;
  /** The statement that it stands above, or in. */
  readonly statement: ParsedStatement | undefined;
}

const form = /^--\s*allow\s+([^\s:]+)\s*:?\s*(.*)$/;

/** The waivers of a text: `-- allow drop-column: nobody reads it since 1.4`. */
export function readWaivers(comments: readonly Comment[], statements: readonly ParsedStatement[]): Waiver[] {
  return comments.flatMap(({ text, start }) => {
    const [, rule, reason = ''] = form.exec(text) ?? [];
    if (rule === undefined) return [];
    return [{ rule, reason: reason.trim(), start, statement: statements.find(({ end }) => end > start) }];
  });
}

/** Why a waiver is none; `undefined` where it is one. */
export function faultOf({ rule, reason }: Waiver, risks: readonly RuleName[]): string | undefined {
  if (!isRule(rule)) return `waives \`${rule}\`, which is no rule`;
  if (reason === '') return `waives \`${rule}\` without a reason. Write it behind the colon`;
  if (!risks.includes(rule)) return `waives \`${rule}\`, and the statement below it needs none. Take it away`;
  return undefined;
}
