import type { GeneratorCallback, Tree } from '@nx/devkit';
import { addImport } from '../../edit/add.ts';
import { editFile, sourceOf } from '../../edit/edit-file.ts';
import { insertAt } from '../../edit/edits.ts';
import { constantOf } from '../../edit/find.ts';
import { definedEvents, type DefinedEvent } from '../../messages/defined-events.ts';
import { addPromise, documentMessages } from '../../messages/edit-promises.ts';
import { parseEventType, type EventName } from '../../messages/message-name.ts';
import { openBroker } from '../../messages/open-broker.ts';
import { addDependencies } from '../../tree/dependencies.ts';
import { checkContract } from '../../tree/documents.ts';
import { formatChanges } from '../../tree/format.ts';
import { lockPackages } from '../../tree/lockfile.ts';
import { scopeOf, serviceIn, type ServiceProjects } from '../../tree/projects.ts';
import { Refusal } from '../../tree/refusal.ts';
import { consumeIn } from './consume-in.ts';
import { handlerTest, handlerText } from './texts.ts';

export interface ConsumerOptions {
  /** The service that consumes it. */
  readonly service: string;
  /** Such as `orders.order.placed.v1`. */
  readonly type: string;
}

/**
 * Has a service consume an event of the workspace: the dependency on the contract that defines it, its type in the service's
 * own contract, a handler with a test, and `consume` in `main.ts`, with a broker where there is none. Twice is as good as once.
 *
 * @throws {Refusal} when no contract defines the event, one cannot be run, or a file was shaped in another way; nothing is
 *   written then.
 */
export async function consumer(tree: Tree, options: ConsumerOptions): Promise<GeneratorCallback> {
  const doing = `Cannot have ${options.service} consume \`${options.type}\``;
  const service = serviceIn(tree, options.service, doing);
  const name = parseEventType(options.type, doing);
  const event = findEvent(tree, name.type, doing);
  checkContract(tree, event.contract.root, doing);

  openBroker(tree, service, doing);
  // What another constant is called decides nothing here: the handler is called after the type.
  const isNew = addHandler(tree, service, { name, event });
  if (isNew) consumeIn(tree, service.app.root, { scope: scopeOf(tree), ...name }, doing);
  addDependencies(tree, service.app.root, [event.contract.manifest.name]);
  const before = tree.read(`${service.contract.root}/src/contract.ts`, 'utf8');
  if (!consumesAlready(before ?? '', name.type, event.constant)) {
    addPromise(tree, service.contract.root, { part: 'consumes', element: `'${name.type}'` }, doing);
  }
  await formatChanges(tree);
  if (tree.read(`${service.contract.root}/src/contract.ts`, 'utf8') !== before)
    await documentMessages(tree, service, doing);
  const changed = tree.listChanges().length > 0;
  const link = lockPackages(tree);
  return async () => {
    await link();
    console.log(
      changed ? next(service, name, event) : `\n${service.name} consumes ${name.type} already. Nothing to do.\n`,
    );
  };
}

/** @throws {Refusal} naming the events that there are. */
function findEvent(tree: Tree, type: string, doing: string): DefinedEvent {
  const events = definedEvents(tree);
  const [found, other] = events.filter((event) => event.type === type);
  if (other) {
    const owners = [found!, other].map(({ contract }) => contract.manifest.name).join(' and ');
    throw new Refusal(`${doing}: ${owners} both define it. One of them has to go.`);
  }
  if (found) return found;
  const known = events.map((event) => `\`${event.type}\``).join(', ') || 'none';
  throw new Refusal(`${doing}: no contract defines it. The events of this workspace: ${known}.`);
}

function consumesAlready(contract: string, type: string, constant: string): boolean {
  const [, list = ''] = /\bconsumes: \[([^\]]*)\]/.exec(contract) ?? [];
  return list.includes(`'${type}'`) || new RegExp(`\\b${constant}\\b`).test(list);
}

/** Adds the handler and its test; whether it was not there yet. */
function addHandler(
  tree: Tree,
  { app }: ServiceProjects,
  { name, event }: { readonly name: EventName; readonly event: DefinedEvent },
): boolean {
  const folder = `${app.root}/src/consumers`;
  const files = tree.children(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  if (files.some((each) => constantOf(sourceOf(tree, `${folder}/${each}`), name.handler))) return false;
  const scope = scopeOf(tree);
  const file = `${folder}/${name.file}.ts`;
  if (!tree.exists(file)) tree.write(file, '');
  editFile(tree, file, (source) => [
    ...addImport(source, `${scope}/messaging`, ['handle']),
    ...addImport(source, event.contract.manifest.name, [event.constant]),
    insertAt(source.end, `\n${handlerText(name, event)}\n`),
  ]);
  const kebab = name.handler.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const test = `${folder}/${kebab}.test.ts`;
  if (event.hasExamples && !tree.exists(test)) tree.write(test, handlerTest(scope, name, event));
  return true;
}

function next({ name, app }: ServiceProjects, event: EventName, { hasExamples }: DefinedEvent): string {
  const untested = `  the event has no example, so the test of its handler is yours: ${app.root}/src/consumers\n`;
  return `
${name} consumes ${event.type}, for now with a line in the log. Next:

  have \`${event.handler}\` do something about it: ${app.root}/src/consumers/${event.file}.ts
${hasExamples ? '' : untested}  npx nx run-many -t lint typecheck test build e2e -p ${name} ${name}-contract
  BROKER_URL in ${app.root}/.env, and in that of who publishes it, has them meet: in memory each is alone
`;
}
