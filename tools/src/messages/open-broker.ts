import type { Tree } from '@nx/devkit';
import { addCommands } from '../edit/add-commands.ts';
import { addImport, addProperty } from '../edit/add.ts';
import { configOf } from '../edit/config-of.ts';
import { editFile } from '../edit/edit-file.ts';
import { insertAt } from '../edit/edits.ts';
import { valueOf } from '../edit/find.ts';
import { addDependencies } from '../tree/dependencies.ts';
import { scopeOf, type ServiceProjects } from '../tree/projects.ts';
import { byHand } from '../tree/refusal.ts';
import { nameInBuiltTest } from '../tree/built-test.ts';
import { brokerAdapters } from './broker-adapters.ts';
import { findStarted, startedAs } from '../edit/started.ts';
import { startOf } from '../edit/start-of.ts';

/**
 * Has a service open a broker, the one that `BROKER_URL` names: settings, the sub-commands of operators, and its opening at the
 * top of `start`. Where that is done it stays as it is.
 *
 * @throws {Refusal} with the lines to add, when `config.ts` or `main.ts` has another shape.
 */
export function openBroker(tree: Tree, { app }: ServiceProjects, doing: string): void {
  const scope = scopeOf(tree);
  const names = declareBroker(tree, app.root, scope, doing);
  addDependencies(tree, app.root, [`${scope}/messaging`, ...names]);
  startBroker(tree, app.root, scope, doing);
  nameInBuiltTest(tree, app.root, 'BROKER_URL', 'memory:');
}

/** @returns the adapters that the service ships, when they are declared here. */
function declareBroker(tree: Tree, root: string, scope: string, doing: string): string[] {
  const file = `${root}/src/config.ts`;
  const adapters = brokerAdapters(tree);
  const list = `export const adapters: readonly BrokerAdapter[] = [${adapters.map(({ variable }) => variable).join(', ')}];`;
  const imports = [
    [`${scope}/messaging`, ['brokerSettings', 'type BrokerAdapter']] as const,
    ...adapters.map(({ name, variable }) => [name, [variable]] as const),
  ];
  const property = 'broker: brokerSettings({ adapters })';
  const lines = imports.map(([from, imported]) => `import { ${imported.join(', ')} } from '${from}';`);
  const config = configOf(tree, file, doing, [...lines, '', list, `${property},`]);
  if (valueOf(config, 'broker')) return [];
  editFile(tree, file, (source) => {
    const statement = source.statements.find((each) => each.pos <= config.pos && config.end <= each.end)!;
    const comment = '/** The brokers that `BROKER_URL` can name, besides the one in memory. */';
    return [
      ...imports.flatMap(([from, imported]) => addImport(source, from, imported)),
      insertAt(statement.getStart(source, true), `${comment}\n${list}\n\n`),
      addProperty(config, property),
    ];
  });
  return adapters.map(({ name }) => name);
}

function startBroker(tree: Tree, root: string, scope: string, doing: string): void {
  const file = `${root}/src/main.ts`;
  const statement = `await start('broker', (runtime) => openBroker(settings.broker, { adapters }, runtime));`;
  const commands = ['deadLetters({ adapters })', 'topology({ adapters })'];
  const imports = [
    [`${scope}/messaging`, ['deadLetters', 'openBroker', 'topology']],
    ['./config.ts', ['adapters']],
  ] as const;
  const { source, definition, body } = startOf(tree, file, doing, [
    ...imports.map(([from, names]) => `import { ${names.join(', ')} } from '${from}';`),
    '',
    `commands: [${commands.join(', ')}],`,
    statement,
  ]);
  if (startedAs(source, 'broker')) return;
  const added = addCommands(definition, commands, 'last');
  if (!added) {
    throw byHand(doing, file, 'has no list of `commands` in `defineService({ … })`', [...commands, statement]);
  }
  editFile(tree, file, () => [
    ...imports.flatMap(([from, names]) => addImport(source, from, names)),
    added,
    // Behind the database, which it may be handed.
    insertAt(findStarted(source, 'database')?.end ?? body.getStart() + 1, `\n${statement}`),
  ]);
}
