import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { addElement, addImport } from '../../edit/add.ts';
import { editFile } from '../../edit/edit-file.ts';
import { insertAt } from '../../edit/edits.ts';
import { constantOf, findNode, unwrapped } from '../../edit/find.ts';
import { findStarted } from '../../edit/started.ts';
import { startOf } from '../../edit/start-of.ts';
import { byHand } from '../../tree/refusal.ts';

/** A handler that a service is to consume with. */
export interface AddedHandler {
  readonly scope: string;
  readonly handler: string;
  readonly file: string;
}

/**
 * Has `main.ts` hand one more handler to `consume`, behind the broker.
 *
 * @throws {Refusal} with the lines to add, when broker or handlers stand there in another way.
 */
export function consumeIn(tree: Tree, root: string, { scope, handler, file: name }: AddedHandler, doing: string): void {
  const file = `${root}/src/main.ts`;
  const from = `./consumers/${name}.ts`;
  const statement = (broker: string) =>
    `await start('consumers', (runtime) => consume(${broker}, [${handler}()], {}, runtime));`;
  const lines = [
    `import { consume } from '${scope}/messaging';`,
    `import { ${handler} } from '${from}';`,
    '',
    statement('broker'),
  ];
  const { source } = startOf(tree, file, doing, lines);
  const list = listConsumed(source);
  const broker = findStarted(source, 'broker');
  if (list === 'other' || !broker) {
    throw byHand(doing, file, 'has no list of handlers in `consume(broker, [ … ], {}, runtime)`', lines);
  }
  const added = list
    ? [addElement(list, `${handler}()`)]
    : [...broker.edits, insertAt(broker.end, `\n${statement(broker.name)}`)];
  editFile(tree, file, () => [
    ...(list ? [] : addImport(source, `${scope}/messaging`, ['consume'])),
    ...addImport(source, from, [handler]),
    ...added,
  ]);
}

/** The list that `consume` is given; `other` when it is given something else. */
function listConsumed(source: ts.SourceFile): ts.ArrayLiteralExpression | 'other' | undefined {
  const call = findNode(
    source,
    (node): node is ts.CallExpression => ts.isCallExpression(node) && node.expression.getText() === 'consume',
  );
  if (!call) return undefined;
  const given = call.arguments[1];
  const list = given && unwrapped(ts.isIdentifier(given) ? (constantOf(source, given.text) ?? given) : given);
  return list && ts.isArrayLiteralExpression(list) ? list : 'other';
}
