import { readMigrations, type Migration, type Script } from '../migration.ts';
import { judgeStatement } from './judge-statement.ts';
import { createKnown } from './known.ts';
import { parseSql, type Parsed, type ParsedStatement, type Parser } from './parse.ts';
import type { Risk } from './risk.ts';
import { rules, type RuleName } from './rules.ts';
import { faultOf, readWaivers } from './waivers.ts';

/** What is wrong with a migration. */
export interface Finding {
  readonly migration: string;
  /** The text of the statement, or of the comment, by which it is found in the file. */
  readonly text: string;
  readonly rule: RuleName | 'waiver' | 'syntax';
  readonly message: string;
}

/**
 * Looks for what would break the version that still runs while the next one is deployed, or lock a large table. Of each
 * statement PostgreSQL's own parser says what it is.
 */
export function review(migrations: readonly Migration[], parser: Parser): Finding[] {
  const known = createKnown();
  return readMigrations(migrations).flatMap(({ name, up, down }) => {
    known.begin();
    const found = up.parts.flatMap((part) => reviewPart(part, up, { parser, known }));
    const broken = (down?.parts ?? []).flatMap((part) => tryParse(parser, part).findings);
    return [...found, ...broken].map((each) => ({ migration: name, ...each }));
  });
}

type Found = Omit<Finding, 'migration'>;

interface Context {
  readonly parser: Parser;
  readonly known: ReturnType<typeof createKnown>;
}

function reviewPart(part: string, { atomic }: Script, { parser, known }: Context): Found[] {
  const { parsed, findings } = tryParse(parser, part);
  if (!parsed) return findings;
  const { statements, comments } = parsed;
  const inTransaction = atomic || statements.length > 1;
  const risks = new Map<ParsedStatement | undefined, Risk[]>();
  for (const statement of statements) {
    risks.set(statement, judgeStatement(statement.node, { known: known.now, inTransaction }));
    known.follow(statement);
  }
  if (!atomic) known.commit();
  const waivers = readWaivers(comments, statements).map((waiver) => {
    const rulesOf = (risks.get(waiver.statement) ?? []).map(({ rule }) => rule);
    return { ...waiver, fault: faultOf(waiver, rulesOf) };
  });
  const isWaived = (statement: ParsedStatement | undefined, rule: RuleName) =>
    waivers.some((waiver) => waiver.statement === statement && waiver.rule === rule && waiver.fault === undefined);
  const faults = waivers.flatMap(({ start, fault }): Found[] => {
    const text = part.slice(start).split('\n')[0] ?? '';
    return fault === undefined ? [] : [{ text, rule: 'waiver', message: `\`${text}\` ${fault}` }];
  });
  const refused = [...risks].flatMap(([statement, found]) =>
    found
      .filter(({ rule }) => !isWaived(statement, rule))
      .map((risk): Found => ({ text: part.slice(statement?.start, statement?.end), ...describe(risk) })),
  );
  return [...refused, ...faults];
}

function describe({ rule, what }: Risk): Pick<Finding, 'rule' | 'message'> {
  const { why, instead } = rules[rule];
  return { rule, message: `\`${what}\`: ${why}. ${instead}` };
}

function tryParse(parser: Parser, part: string): { parsed?: Parsed; findings: Found[] } {
  try {
    return { parsed: parseSql(parser, part), findings: [] };
  } catch (error) {
    const { message, sqlDetails } = error as { message: string; sqlDetails?: { cursorPosition: number } };
    const text = part.slice(sqlDetails?.cursorPosition ?? 0);
    return { findings: [{ text, rule: 'syntax', message: `PostgreSQL cannot read it: ${message}` }] };
  }
}
