import type { Node } from 'libpg-query';
import { parseSql, stringsOf, tableOf, type Parser } from '../rolling-deploy/parse.ts';

/** One migration of those that a difference becomes. */
export interface Draft {
  /** What its name ends with. */
  readonly suffix: '' | '_validate' | '_indexes';
  readonly sql: string;
  /** `undefined` where nothing undoes it. */
  readonly down: string | undefined;
}

interface Arranging {
  readonly parser: Parser;
  /** The tables that were there before and still are. */
  readonly existing: ReadonlySet<string>;
}

/**
 * Parts the statements of a difference into what may run together: the indexes of tables that have rows are made and dropped
 * CONCURRENTLY, outside of a transaction, and their constraints are added without looking at the rows, and validated in
 * another transaction.
 *
 * @param back What undoes them; `undefined` where nothing does.
 */
export function arrange(
  statements: readonly string[],
  back: readonly string[] | undefined,
  arranging: Arranging,
): Draft[] {
  const up = sort(statements, arranging);
  // What is undone is undone at once.
  const down = back && sort(back, { ...arranging, validate: false });
  const drafts: (Draft | undefined)[] = [
    draftOf('', { up: up.main, down: down?.main }),
    // What has not been validated needs no undoing.
    draftOf('_validate', { up: up.validate, down: [nothing] }),
    draftOf('_indexes', { up: up.indexes, down: down?.indexes }, '-- no-transaction\n', '\n--> statement-breakpoint\n'),
  ];
  return drafts
    .filter((draft) => draft !== undefined)
    .map((draft, index) => (index === 0 ? { ...draft, suffix: '' } : draft));
}

const nothing = '-- Nothing to undo.';

interface Texts {
  readonly up: readonly string[];
  readonly down: readonly string[] | undefined;
}

function draftOf(suffix: Draft['suffix'], { up, down }: Texts, head = '', between = '\n'): Draft | undefined {
  if (up.length === 0) return undefined;
  const write = (texts: readonly string[]) =>
    texts.length === 0 ? `${nothing}\n` : `${head}${[...new Set(texts)].join(between)}\n`;
  return { suffix, sql: write(up), down: down && write(down) };
}

interface Sorting extends Arranging {
  /** Whether constraints are validated apart. Default: `true`. */
  readonly validate?: boolean;
}

interface Sorted {
  readonly main: string[];
  readonly validate: string[];
  readonly indexes: string[];
}

function sort(statements: readonly string[], { parser, existing, validate = true }: Sorting): Sorted {
  const sorted: Sorted = { main: [], validate: [], indexes: [] };
  for (const statement of statements) {
    const text = tidy(statement);
    const node = parseSql(parser, text).statements[0]?.node ?? {};
    const index = indexOf(node as Node);
    const constraint = constraintOf(node as Node);
    if (index?.made && !existing.has(index.table)) {
      sorted.main.push(text.replace(/ INDEX CONCURRENTLY /, ' INDEX '));
    } else if (index) {
      sorted.indexes.push(`DROP INDEX CONCURRENTLY IF EXISTS ${index.name};`);
      if (index.made) sorted.indexes.push(text.replace(/ INDEX (?:CONCURRENTLY )?/, ' INDEX CONCURRENTLY '));
    } else if (validate && constraint && existing.has(constraint.table)) {
      sorted.main.push(text.replace(/;$/, ' NOT VALID;'));
      sorted.validate.push(`ALTER TABLE ${quote(constraint.table)} VALIDATE CONSTRAINT ${quote(constraint.name)};`);
    } else {
      sorted.main.push(text);
    }
  }
  return sorted;
}

/** An index that a statement makes or drops. */
function indexOf(node: Node): { name: string; table: string; made: boolean } | undefined {
  if ('IndexStmt' in node) {
    const { idxname = '', relation } = node.IndexStmt;
    const schema = relation?.schemaname;
    return { name: quote(schema ? `${schema}.${idxname}` : idxname), table: tableOf(relation), made: true };
  }
  if (!('DropStmt' in node) || node.DropStmt.removeType !== 'OBJECT_INDEX') return undefined;
  const [object] = node.DropStmt.objects ?? [];
  const name = object && 'List' in object ? stringsOf(object.List.items).join('.') : '';
  return { name: quote(name), table: '', made: false };
}

/** A foreign key or a check that a statement adds. */
function constraintOf(node: Node): { name: string; table: string } | undefined {
  if (!('AlterTableStmt' in node)) return undefined;
  const { relation, cmds: [command] = [] } = node.AlterTableStmt;
  const definition = command && 'AlterTableCmd' in command ? command.AlterTableCmd.def : undefined;
  if (!definition || !('Constraint' in definition)) return undefined;
  const { contype = '', conname = '' } = definition.Constraint;
  return ['CONSTR_FOREIGN', 'CONSTR_CHECK'].includes(contype) ? { name: conname, table: tableOf(relation) } : undefined;
}

function quote(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
}

function tidy(statement: string): string {
  return statement
    .replaceAll(/^\t+/gm, (tabs) => '  '.repeat(tabs.length))
    .trim()
    .replace(/;?$/, ';');
}
