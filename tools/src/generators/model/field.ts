import { Refusal } from '../../tree/refusal.ts';
import { sqlWords } from './sql-words.ts';

/** A column of a model besides those that each has. */
export interface Field {
  /** In code, such as `customerId`. */
  readonly name: string;
  /** In the database, such as `customer_id`. */
  readonly column: string;
  readonly type: keyof typeof types;
  /** Whether a row may be without it. */
  readonly optional: boolean;
}

/** How a type stands in a model and in tests. */
interface Written {
  /** What Drizzle is told besides the name. */
  readonly options?: string;
  readonly sample: string;
}

const types = {
  text: { sample: `'some'` },
  integer: { sample: '1' },
  bigint: { options: `{ mode: 'bigint' }`, sample: '1n' },
  numeric: { sample: `'1.50'` },
  boolean: { sample: 'true' },
  uuid: { sample: `'6f9619ff-8b86-4d01-b42d-00cf4fc964ff'` },
  date: { sample: `'2026-01-31'` },
  timestamp: { options: '{ withTimezone: true }', sample: `new Date('2026-01-31T12:00:00Z')` },
  jsonb: { sample: `{ some: 'thing' }` },
} satisfies Record<string, Written>;

export const typeNames = Object.keys(types);
const longest = 40;
/** The columns that each model has. */
const given = ['id', 'version', 'createdAt', 'updatedAt'];

/**
 * Reads `total:integer`, and `note:text?` for what a row may be without.
 *
 * @throws {Refusal} when one is none, is there twice, or has a name that columns cannot have.
 */
export function parseFields(texts: readonly string[], doing: string): Field[] {
  const fields = texts.map((text) => parseField(text, doing));
  const [twice] = fields.filter(({ name }, index) => fields.findIndex((each) => each.name === name) < index);
  if (twice) throw new Refusal(`${doing}: the field \`${twice.name}\` is there twice.`);
  return fields;
}

function parseField(text: string, doing: string): Field {
  const [, name, type, optional] = /^([a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)*):([a-z]+)(\??)$/.exec(text) ?? [];
  if (name === undefined || name.length > longest) {
    const expected = `a field such as \`total:integer\` or, where a row may be without it, \`note:text?\``;
    throw new Refusal(
      `${doing}: expected ${expected}, in camelCase and of at most ${longest} characters; got \`${text}\`.`,
    );
  }
  if (!isType(type)) throw new Refusal(`${doing}: expected one of the types ${typeNames.join(', ')}; got \`${text}\`.`);
  const column = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  if (given.includes(name)) throw new Refusal(`${doing}: each model has a column \`${name}\` already.`);
  if (sqlWords.has(column)) throw new Refusal(`${doing}: \`${column}\` is a word of SQL. Call the field otherwise.`);
  return { name, column, type, optional: optional === '?' };
}

/** As it stands in the model. */
export function columnText({ name, column, type, optional }: Field): string {
  const { options }: Written = types[type];
  const args = [...(column === name ? [] : [`'${column}'`]), ...(options === undefined ? [] : [options])];
  return `${type}(${args.join(', ')})${optional ? '' : '.notNull()'}`;
}

export function sampleOf({ type }: Field): string {
  return types[type].sample;
}

function isType(name: string | undefined): name is Field['type'] {
  return name !== undefined && Object.hasOwn(types, name);
}
