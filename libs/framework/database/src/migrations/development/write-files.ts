import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Migration } from '../migration.ts';

const printWidth = 120;

/** Writes the module of a migration. */
export function writeMigration(folder: string, { name, sql, down }: Migration): string {
  const file = join(folder, `${name}.ts`);
  const fields = [
    `name: '${name}',`,
    `sql: ${literal(sql)},`,
    ...(down === undefined ? [] : [`down: ${literal(down)},`]),
  ];
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    file,
    `import type { Migration } from '@org/database';\n\nexport const migration: Migration = {\n  ${fields.join('\n  ')}\n};\n`,
  );
  return file;
}

/** Writes the list of them. */
export function writeIndex(folder: string, names: readonly string[]): string {
  const file = join(folder, 'index.ts');
  const imports = names.map((name) => `import { migration as ${identifierOf(name)} } from './${name}.ts';\n`);
  const list = names.map(identifierOf);
  const short = `export const migrations: readonly Migration[] = [${list.join(', ')}];\n`;
  const long = `export const migrations: readonly Migration[] = [\n${list.map((name) => `  ${name},\n`).join('')}];\n`;
  const text = [
    '// Written by `migration generate`.\n',
    "import type { Migration } from '@org/database';\n",
    ...imports,
    '\n',
    short.trimEnd().length > printWidth ? long : short,
  ];
  writeFileSync(file, text.join(''));
  return file;
}

export function writeSnapshot(folder: string, snapshot: object): string {
  const file = join(folder, 'snapshot.json');
  writeFileSync(file, `${JSON.stringify(snapshot, undefined, 2)}\n`);
  return file;
}

function identifierOf(name: string): string {
  return `m${name.replaceAll('-', '_')}`;
}

/** A template that holds the text as it is. What would end or begin a part of it becomes a value, with backslashes before it. */
export function literal(text: string): string {
  const special = /\\*(?:`|\$\{)|\\+$/g;
  return `String.raw\`${text.replaceAll(special, (part) => `\${'${part.replaceAll('\\', '\\\\')}'}`)}\``;
}
