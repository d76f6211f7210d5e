import type { Node } from 'libpg-query';
import type { Known } from './known.ts';
import type { RuleName } from './rules.ts';

/** What a statement may do to others. */
export interface Risk {
  readonly rule: RuleName;
  /** What it does that to, such as `orders.total`. */
  readonly what: string;
}

/** Where a statement stands. */
export interface Situation {
  /** What those before it have done. */
  readonly known: Known;
  /** Whether it is sent in a transaction with others. */
  readonly inTransaction: boolean;
}

/** The kinds of statements, and of what they are made of. */
export type Kind = KeysOf<Node>;
type KeysOf<Each> = Each extends unknown ? keyof Each : never;
/** What the parser says of one of a kind. */
export type Body<Given extends Kind> = Extract<Node, Readonly<Record<Given, unknown>>>[Given];

/** The same rule for each of these, unless it is fine. */
export function risksOf(
  rule: RuleName,
  names: readonly string[],
  isFine: (name: string) => boolean = () => false,
): Risk[] {
  return names.filter((name) => !isFine(name)).map((what) => ({ rule, what }));
}
