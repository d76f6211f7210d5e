import type { Node } from 'libpg-query';
import { sourceMissing } from '../migration-errors.ts';

export type Parser = Awaited<ReturnType<typeof loadParser>>;

/** A statement, as PostgreSQL itself reads it. */
export interface ParsedStatement {
  readonly node: Node;
  /** Where its text begins and ends. */
  readonly start: number;
  readonly end: number;
}

export interface Comment {
  readonly text: string;
  readonly start: number;
}

export interface Parsed {
  readonly statements: readonly ParsedStatement[];
  readonly comments: readonly Comment[];
}

/**
 * Loads the parser of PostgreSQL, compiled to WebAssembly.
 *
 * @throws {ServiceError} failed_precondition, SOURCE_MISSING, where it is not installed.
 */
export async function loadParser(action: string) {
  try {
    const parser = await import('libpg-query');
    await parser.loadModule();
    return parser;
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw sourceMissing(action, 'libpg-query is not installed. Add it to the development dependencies');
  }
}

/** @throws {Error} with what PostgreSQL says of a text that is none. */
export function parseSql(parser: Parser, text: string): Parsed {
  if (text.trim() === '') return { statements: [], comments: [] };
  const bytes = Buffer.from(text);
  // The parser counts in bytes.
  const place = (offset: number) => bytes.subarray(0, offset).toString().length;
  const { stmts = [] } = parser.parseSync(text);
  const statements = stmts.map(({ stmt, stmt_location: from = 0, stmt_len: length }) => ({
    node: stmt as Node,
    start: place(from),
    end: length ? place(from + length) : text.length,
  }));
  const comments = parser
    .scanSync(text)
    .tokens.filter(({ tokenName }) => tokenName === 'SQL_COMMENT')
    .map((token) => ({ text: token.text, start: place(token.start) }));
  return { statements, comments };
}

/** The table as others name it, such as `sales.orders`, or `orders` where it is in the usual schema. */
export function tableOf({ schemaname, relname }: { schemaname?: string; relname?: string } = {}): string {
  return nameOf([schemaname, relname]);
}

export function nameOf(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '' && part !== 'public').join('.');
}

/** The texts of a list of names. */
export function stringsOf(nodes: readonly Node[] = []): string[] {
  return nodes.flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));
}

/** The names of what stands in brackets, such as `VACUUM (FULL)`. */
export function namesOfOptions(nodes: readonly Node[] = []): string[] {
  return nodes.flatMap((node) => ('DefElem' in node ? [node.DefElem.defname ?? ''] : []));
}
