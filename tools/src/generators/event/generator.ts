import type { GeneratorCallback, Tree } from '@nx/devkit';
import { addImport, addReExport } from '../../edit/add.ts';
import { editFile } from '../../edit/edit-file.ts';
import { insertAt } from '../../edit/edits.ts';
import { definedEvents } from '../../messages/defined-events.ts';
import { addPromise, documentMessages } from '../../messages/edit-promises.ts';
import { parseEventType, type EventName } from '../../messages/message-name.ts';
import { openBroker } from '../../messages/open-broker.ts';
import { formatChanges } from '../../tree/format.ts';
import { lockPackages } from '../../tree/lockfile.ts';
import { checkNoConstant } from '../../edit/check-no-constant.ts';
import { scopeOf, serviceIn, type ServiceProjects } from '../../tree/projects.ts';
import { Refusal, byHand } from '../../tree/refusal.ts';
import { eventText } from './texts.ts';

export interface EventOptions {
  /** The service that publishes it. */
  readonly service: string;
  /** Such as `orders.order.placed.v1`. */
  readonly type: string;
}

/**
 * Has a service promise an event: its definition in the contract, with the document and its test, and a broker to publish it
 * to. Twice is as good as once.
 *
 * @throws {Refusal} when the type is none, another contract defines it, its name is taken, or a file was shaped in another way; nothing is written then.
 */
export async function event(tree: Tree, options: EventOptions): Promise<GeneratorCallback> {
  const doing = `Cannot add \`${options.type}\` to ${options.service}`;
  const publisher = serviceIn(tree, options.service, doing);
  const name = parseEventType(options.type, doing);
  const defined = definedEvents(tree).filter(({ type }) => type === name.type);
  const present = defined.find(({ contract }) => contract.root === publisher.contract.root);
  if (!present && defined[0]) {
    const owner = defined[0].contract.manifest.name;
    throw new Refusal(`${doing}: ${owner} defines it, and an event has one publisher. Take another name.`);
  }
  const constant = present?.constant ?? name.constant;
  if (!present) define(tree, publisher, name, doing);
  const from = './events.ts';
  if (!present) addPromise(tree, publisher.contract.root, { part: 'publishes', element: constant, from }, doing);
  openBroker(tree, publisher, doing);
  await formatChanges(tree);
  if (!present) await documentMessages(tree, publisher, doing);
  const changed = tree.listChanges().length > 0;
  const link = lockPackages(tree);
  return async () => {
    await link();
    const nothing = `\n${publisher.name} has ${name.type} already, as \`${constant}\`. Nothing to do.\n`;
    console.log(changed ? next(scopeOf(tree), publisher, { ...name, constant }) : nothing);
  };
}

/** Adds the definition to `src/events.ts` of the contract, and exports it. */
function define(tree: Tree, { contract }: ServiceProjects, name: EventName, doing: string): void {
  const file = `${contract.root}/src/events.ts`;
  const door = `${contract.root}/src/index.ts`;
  const text = eventText(name);
  if (!tree.exists(door))
    throw byHand(doing, door, 'is not there', [`export { ${name.constant} } from './events.ts';`]);
  checkNoConstant(tree, `${contract.root}/src`, name.constant, doing);
  if (!tree.exists(file)) tree.write(file, `import * as z from 'zod';\n`);
  editFile(tree, file, (source) => [
    ...addImport(source, `${scopeOf(tree)}/contract`, ['defineEvent']),
    ...(/^import \* as z from 'zod'/m.test(source.text) ? [] : [insertAt(0, `import * as z from 'zod';\n`)]),
    insertAt(source.end, `\n${text}\n`),
  ]);
  editFile(tree, door, (source) => addReExport(source, './events.ts', [name.constant]));
}

function next(scope: string, { name, app, contract }: ServiceProjects, event: EventName): string {
  return `
${name} promises ${event.type}, as \`${event.constant}\`. Next:

  say what it tells: \`${event.constant}\` in ${contract.root}/src/events.ts; then, in ${contract.root},
  npx vitest run --root . --config ../../../vitest.config.ts --dir src -u
  publish it: take the broker in ${app.root}/src/main.ts, \`const broker = await start('broker', …)\`, hand it to what knows, and there
  await broker.publish(${event.constant}, { … });
  npx nx g ${scope}/tools:consumer OTHER ${event.type}
  npx nx run-many -t lint typecheck test build e2e -p ${name} ${name}-contract
`;
}
