import type { GeneratorCallback, Tree } from '@nx/devkit';
import { generateMigration } from '../../database/generate-migration.ts';
import { openDatabase } from '../../database/open-database.ts';
import { addReExport } from '../../edit/add.ts';
import { checkNoConstant } from '../../edit/check-no-constant.ts';
import { editFile, sourceOf } from '../../edit/edit-file.ts';
import { objectGivenTo, valueOf } from '../../edit/find.ts';
import { formatChanges } from '../../tree/format.ts';
import { lockPackages } from '../../tree/lockfile.ts';
import { scopeOf, serviceIn, type ServiceProjects } from '../../tree/projects.ts';
import { Refusal } from '../../tree/refusal.ts';
import { columnText, parseFields } from './field.ts';
import { parseModelName } from './model-name.ts';
import { indexText, modelTest, modelText, type Model } from './texts.ts';

export interface ModelOptions {
  /** In kebab-case and the plural, such as `order-lines`. */
  readonly name: string;
  /** The service that keeps it. */
  readonly service: string;
  /** Such as `total:integer` and, for what a row may be without, `note:text?`. Default: none. */
  readonly fields?: readonly string[];
  /** More of them: what else stands on the command line. */
  readonly _?: readonly string[];
  /** Whether to leave its migration to whoever asks for it. Default: it is generated. */
  readonly skipMigration?: boolean;
}

/**
 * Adds a model to a service: the table, its migration, a test, and a database where there is none. Twice is as good as once.
 *
 * @throws {Refusal} when it cannot be called so, a field is none, there is another model of that name, or a file was shaped in
 *   another way; nothing is written then.
 */
export async function model(tree: Tree, options: ModelOptions): Promise<GeneratorCallback> {
  const doing = `Cannot add the model \`${options.name}\` to ${options.service}`;
  const service = serviceIn(tree, options.service, doing);
  const fields = parseFields([...(options.fields ?? []), ...(options._ ?? [])], doing);
  const added: Model = { ...parseModelName(options.name, doing), fields };
  openDatabase(tree, service, doing);
  addModel(tree, service, added, doing);
  await formatChanges(tree);
  const changed = tree.listChanges().length > 0;
  const link = lockPackages(tree);
  const scope = scopeOf(tree);
  return async () => {
    await link();
    const migration = `add-${added.file}`;
    if (changed && !options.skipMigration) {
      console.log(`\n${generateMigration({ root: tree.root, scope, service, migration })}`);
    }
    const nothing = `\n${service.name} has ${added.table} already, as \`${added.constant}\`. Nothing to do.\n`;
    console.log(changed ? next(service, added, options.skipMigration ? migration : undefined) : nothing);
  };
}

function addModel(tree: Tree, { name, app: { root } }: ServiceProjects, added: Model, doing: string): void {
  const folder = `${root}/src/models`;
  const file = `${folder}/${added.file}.ts`;
  if (tree.exists(file)) checkSame(tree, file, added, doing);
  else {
    checkNoConstant(tree, folder, added.constant, doing);
    checkNoTable(tree, folder, added.table, doing);
    tree.write(file, modelText(scopeOf(tree), added));
    const test = `${folder}/${added.file}.test.ts`;
    if (!tree.exists(test)) tree.write(test, modelTest(scopeOf(tree), added));
  }
  const index = `${folder}/index.ts`;
  const from = `./${added.file}.ts`;
  if (!tree.exists(index)) tree.write(index, indexText(name, added.constant, from));
  editFile(tree, index, (source) => addReExport(source, from, [added.constant]));
}

/** @throws {Refusal} when the file has another model than the one that is asked for. */
function checkSame(tree: Tree, file: string, { fields, table }: Model, doing: string): void {
  const columns = objectGivenTo(sourceOf(tree, file), 'pgTable', 1);
  if (columns && fields.every((field) => valueOf(columns, field.name)?.getText() === columnText(field))) return;
  const other = fields.map(({ name }) => `\`${name}\``).join(', ') || `a table \`${table}\``;
  throw new Refusal(
    `${doing}: ${file} is there already, without ${other} as they are asked for. Edit it, then generate its migration.`,
  );
}

function checkNoTable(tree: Tree, folder: string, table: string, doing: string): void {
  const taken = tree
    .children(folder)
    .find((each) => tree.read(`${folder}/${each}`, 'utf8')?.includes(`pgTable('${table}'`));
  if (taken !== undefined) throw new Refusal(`${doing}: ${folder}/${taken} has a table \`${table}\` already.`);
}

/** @param migration What it is to be called, where it was left to be generated. */
function next({ name, app }: ServiceProjects, { file, constant }: Model, migration: string | undefined): string {
  const written = `  read its migration before you commit it: ${app.root}/migrations`;
  return `
${name} keeps \`${constant}\`. Next:

  say what a row of it is: ${app.root}/src/models/${file}.ts
${migration === undefined ? written : `  npx nx migration ${name} generate ${migration}`}
  hand what \`await start('database', …)\` gives, in ${app.root}/src/main.ts, to what keeps something there
  npx nx run-many -t lint typecheck test build e2e -p ${name}
`;
}
