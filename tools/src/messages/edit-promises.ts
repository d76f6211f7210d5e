import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { addElement, addImport, addProperty } from '../edit/add.ts';
import { editFile } from '../edit/edit-file.ts';
import { insertAt, type Edit } from '../edit/edits.ts';
import { constantOf, objectGivenTo, unwrapped, valueOf } from '../edit/find.ts';
import { renderForService } from '../templates/render-for-service.ts';
import { keptFolder } from '../templates/versions.ts';
import { writeAsyncApi } from '../tree/documents.ts';
import type { ServiceProjects } from '../tree/projects.ts';
import { byHand } from '../tree/refusal.ts';

/** Something more that a contract names, as an element of one of its lists. */
export interface AddedPromise {
  readonly part: 'publishes' | 'consumes';
  /** Such as `orderPlaced` or `'orders.order.placed.v1'`. */
  readonly element: string;
  /** The file that the element is imported from, if it is. */
  readonly from?: string;
}

/**
 * Adds an element to a list of `defineContract({ … })`, which it makes where there is none, and the document of messages.
 *
 * @throws {Refusal} with the lines to add, when the contract has another shape.
 */
export function addPromise(tree: Tree, root: string, { part, element, from }: AddedPromise, doing: string): void {
  const file = `${root}/src/contract.ts`;
  const imported = from === undefined ? [] : [`import { ${element} } from '${from}';`];
  const document = [`import asyncapi from './asyncapi.json' with { type: 'json' };`, 'asyncapi,'];
  const refuse = (reason: string) =>
    byHand(doing, file, reason, [...imported, `${part}: [… , ${element}],`, ...document]);
  if (!tree.exists(file)) throw refuse('is not there');
  editFile(tree, file, (source) => {
    const contract = objectGivenTo(source, 'defineContract');
    if (!contract) throw refuse('has no `defineContract({ … })`');
    const given = valueOf(contract, part);
    const list = given && unwrapped(ts.isIdentifier(given) ? (constantOf(source, given.text) ?? given) : given);
    if (list && !ts.isArrayLiteralExpression(list))
      throw refuse(`has no list of \`${part}\` in \`defineContract({ … })\``);
    if (list?.elements.some((each) => each.getText() === element)) return [];
    const hasDocument = valueOf(contract, 'asyncapi') !== undefined;
    const missing = [...(list ? [] : [`${part}: [${element}]`]), ...(hasDocument ? [] : ['asyncapi'])];
    return [
      ...(from === undefined ? [] : addImport(source, from, [element])),
      ...(hasDocument ? [] : [importDocument(source)]),
      ...(list ? [addElement(list, element)] : []),
      ...(missing.length > 0 ? [addProperty(contract, missing.join(', '))] : []),
    ];
  });
}

/** Writes the document of messages of a service's contract, and the test that the workspace keeps of it. */
export async function documentMessages(tree: Tree, service: ServiceProjects, doing: string): Promise<void> {
  writeAsyncApi(tree, service.contract.root, doing);
  const version = service.app.manifest.nx?.metadata?.template ?? '';
  const kept = await renderForService(tree, keptFolder(tree.root), service, version);
  const test = `${service.contract.root}/src/asyncapi.test.ts`;
  if (!tree.exists(test)) tree.write(test, kept[test] ?? '');
}

/** Its line stands before that of the other document. */
function importDocument(source: ts.SourceFile): Edit {
  const line = `import asyncapi from './asyncapi.json' with { type: 'json' };\n`;
  const next = source.statements
    .filter(ts.isImportDeclaration)
    .find(({ moduleSpecifier }) => /^['"]\./.test(moduleSpecifier.getText()));
  return insertAt(next?.getStart() ?? 0, line);
}
