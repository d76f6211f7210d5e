import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { addElement, addImport, addReExport } from '../../edit/add.ts';
import { editFile, sourceOf } from '../../edit/edit-file.ts';
import { insertAt } from '../../edit/edits.ts';
import { constantOf, objectGivenTo, unwrapped, valueOf } from '../../edit/find.ts';
import { byHand } from '../../tree/refusal.ts';

/** An operation as it is added to a contract. */
export interface AddedOperation {
  readonly id: string;
  readonly text: string;
  /** What the text needs of the contract library. */
  readonly imports: readonly string[];
}

/** The text of the constant that defines an operation, in whichever file of the contract it is. */
export function findOperation(tree: Tree, root: string, id: string): string | undefined {
  const files = tree.children(`${root}/src`).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  return files
    .map((file) => constantOf(sourceOf(tree, `${root}/src/${file}`), id)?.getText())
    .find((text) => text !== undefined);
}

/**
 * Adds an operation to a contract: its definition, its place in the list, and its export.
 *
 * @throws {Refusal} with the lines to add, when a file is not shaped as the template has it.
 */
export function addOperation(tree: Tree, root: string, scope: string, added: AddedOperation, doing: string): void {
  const { id, text, imports } = added;
  const operations = `${root}/src/operations.ts`;
  const contract = `${root}/src/contract.ts`;
  const door = `${root}/src/index.ts`;
  for (const file of [operations, contract, door]) {
    if (!tree.exists(file)) throw byHand(doing, file, 'is not there', [text]);
  }

  editFile(tree, operations, (source) => [
    ...addImport(source, `${scope}/contract`, ['defineOperation', ...imports]),
    ...(/^import \* as z from 'zod'/m.test(source.text) ? [] : [insertAt(0, `import * as z from 'zod';\n`)]),
    insertAt(source.end, `\n${text}\n`),
  ]);
  editFile(tree, contract, (source) => {
    const list = objectGivenTo(source, 'defineContract');
    const array = list && valueOf(list, 'operations');
    const elements = array && unwrapped(ts.isIdentifier(array) ? (constantOf(source, array.text) ?? array) : array);
    if (!elements || !ts.isArrayLiteralExpression(elements)) {
      const lines = [`import { ${id} } from './operations.ts';`, `operations: [… , ${id}]`];
      throw byHand(doing, contract, 'has no list of `operations` in `defineContract({ … })`', lines);
    }
    return [...addImport(source, './operations.ts', [id]), addElement(elements, id)];
  });
  editFile(tree, door, (source) => addReExport(source, './operations.ts', [id]));
}
