import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { addCommands } from '../edit/add-commands.ts';
import { addImport, addNamespaceImport, addProperty } from '../edit/add.ts';
import { configOf } from '../edit/config-of.ts';
import { editFile } from '../edit/edit-file.ts';
import { insertAt } from '../edit/edits.ts';
import { objectGivenTo, valueOf } from '../edit/find.ts';
import { startOf } from '../edit/start-of.ts';
import { startedAs } from '../edit/started.ts';
import { addDependencies } from '../tree/dependencies.ts';
import { projectsIn, scopeOf, type ServiceProjects } from '../tree/projects.ts';
import { byHand } from '../tree/refusal.ts';

/**
 * Has a service open a database, the one that `DATABASE_URL` names: settings, the sub-command `migration`, a list of
 * migrations, and its opening at the top of `start`. Where that is done it stays as it is. Whoever asks adds the models, in
 * `src/models/index.ts`.
 *
 * @throws {Refusal} with the lines to add, when `config.ts` or `main.ts` has another shape.
 */
export function openDatabase(tree: Tree, { app }: ServiceProjects, doing: string): void {
  const scope = scopeOf(tree);
  declareDatabase(tree, app.root, scope, doing);
  startDatabase(tree, app.root, scope, doing);
  const orm = 'drizzle-orm';
  const library = projectsIn(tree).find(({ shortName }) => shortName === 'database');
  addDependencies(tree, app.root, [`${scope}/database`], { [orm]: library?.manifest.dependencies?.[orm] ?? '*' });
  const list = `${app.root}/migrations/index.ts`;
  if (!tree.exists(list)) tree.write(list, noMigrations(scope));
}

/** As `migration generate` writes it, which adds to it from then on. */
function noMigrations(scope: string): string {
  return `// Written by \`migration generate\`.
import type { Migration } from '${scope}/database';

export const migrations: readonly Migration[] = [];
`;
}

function declareDatabase(tree: Tree, root: string, scope: string, doing: string): void {
  const file = `${root}/src/config.ts`;
  const from = `${scope}/database`;
  const property = 'database: databaseSettings()';
  const config = configOf(tree, file, doing, [`import { databaseSettings } from '${from}';`, `${property},`]);
  if (valueOf(config, 'database')) return;
  editFile(tree, file, (source) => [
    ...addImport(source, from, ['databaseSettings']),
    addProperty(config, property, 'broker'),
  ]);
}

function startDatabase(tree: Tree, root: string, scope: string, doing: string): void {
  const file = `${root}/src/main.ts`;
  const command = 'migration({ models, migrations })';
  const opening = '(runtime) => openDatabase(settings.database, { models, migrations }, runtime)';
  const statement = `await start('database', ${opening});`;
  const lines = [
    `import { migration, openDatabase } from '${scope}/database';`,
    `import { migrations } from '../migrations/index.ts';`,
    `import * as models from './models/index.ts';`,
    '',
    `commands: [${command}],`,
    statement,
  ];
  const { source, definition, body } = startOf(tree, file, doing, lines);
  if (startedAs(source, 'database')) {
    if (opensModels(source)) return;
    throw byHand(doing, file, 'starts a `database` without models and migrations', lines);
  }
  const added = addCommands(definition, [command], 'first');
  if (!added) throw byHand(doing, file, 'has no list of `commands` in `defineService({ … })`', lines);
  editFile(tree, file, () => [
    ...addImport(source, `${scope}/database`, ['migration', 'openDatabase']),
    ...addImport(source, '../migrations/index.ts', ['migrations']),
    ...addNamespaceImport(source, './models/index.ts', 'models'),
    added,
    insertAt(body.getStart() + 1, `\n${statement}`),
  ]);
}

/** Whether what is opened has the models of `src/models`, and the migrations. */
function opensModels(source: ts.SourceFile): boolean {
  const given = objectGivenTo(source, 'openDatabase', 1);
  const imported = source.statements
    .filter(ts.isImportDeclaration)
    .some(({ moduleSpecifier }) => moduleSpecifier.getText().slice(1, -1) === './models/index.ts');
  return imported && ['models', 'migrations'].every((key) => given && valueOf(given, key));
}
