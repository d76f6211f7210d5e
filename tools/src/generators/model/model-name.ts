import { camelCase, checkKebabCase, keywords } from '../../tree/names.ts';
import { Refusal } from '../../tree/refusal.ts';
import { typeNames } from './field.ts';
import { sqlWords } from './sql-words.ts';

/** What a model is called. */
export interface ModelName {
  /** In kebab-case, as its file. */
  readonly file: string;
  /** Such as `orderLines`. */
  readonly constant: string;
  /** Such as `order_lines`. */
  readonly table: string;
}

/** What the file of a model speaks of, what lists the models, and the tables of the library. */
const reserved = new Set([
  ...[...typeNames, 'pg-table', 'timestamps', 'version', 'index'],
  ...['applied-migrations', 'idempotency-keys', 'inbox', 'outbox'],
]);

/** @throws {Refusal} when it is not in kebab-case, too long, or a word of SQL or of the language. */
export function parseModelName(name: string, doing: string): ModelName {
  checkKebabCase(name, 'order-lines', doing);
  const table = name.replaceAll('-', '_');
  if (sqlWords.has(table)) {
    throw new Refusal(
      `${doing}: \`${table}\` is a word of SQL. Name it in the plural, such as \`orders\`, or otherwise.`,
    );
  }
  if (reserved.has(name) || keywords.has(name)) {
    throw new Refusal(`${doing}: the name \`${name}\` is reserved. Choose another.`);
  }
  return { file: name, constant: camelCase(name), table };
}
