import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { addElement, addImport } from '../../edit/add.ts';
import { editFile, sourceOf } from '../../edit/edit-file.ts';
import { insertAt } from '../../edit/edits.ts';
import { constantOf, objectGivenTo, unwrapped, valueOf } from '../../edit/find.ts';
import { byHand, Refusal } from '../../tree/refusal.ts';

/** A function that gives routes, as a file in `src/routes` exports it. */
export interface RoutesFunction {
  readonly name: string;
  readonly takesArguments: boolean;
  readonly list: ts.ArrayLiteralExpression;
}

/**
 * The function of a file in `src/routes` to which a route is added.
 *
 * @throws {Refusal} with the lines to add, when there is none with a list, or more than one.
 */
export function routesFunctionOf(tree: Tree, file: string, lines: readonly string[], doing: string): RoutesFunction {
  const found = sourceOf(tree, file)
    .statements.filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => declarationList.declarations)
    .flatMap(({ name, initializer }): RoutesFunction[] => {
      if (!initializer || !ts.isArrowFunction(initializer) || ts.isBlock(initializer.body)) return [];
      const list = unwrapped(initializer.body);
      const takesArguments = initializer.parameters.length > 0;
      return ts.isArrayLiteralExpression(list) ? [{ name: name.getText(), takesArguments, list }] : [];
    });
  if (found.length === 1) return found[0]!;
  const reason = `exports ${found.length === 0 ? 'no' : 'more than one'} function such as \`() => [implement(…)]\``;
  throw byHand(doing, file, reason, lines);
}

/**
 * Has `main.ts` serve the routes of one more function.
 *
 * @throws {Refusal} with the lines to add, when it does not hand a list of routes to `serveRest`.
 */
export function serveRoutes(tree: Tree, root: string, { name, from }: { name: string; from: string }, doing: string) {
  const main = `${root}/src/main.ts`;
  if (!tree.exists(main)) throw new Refusal(`${doing}: there is no ${main}. Nothing was written.`);
  editFile(tree, main, (source) => {
    const options = objectGivenTo(source, 'serveRest', 1);
    const given = options && valueOf(options, 'routes');
    const routes = given && ts.isIdentifier(given) ? constantOf(source, given.text) : given;
    if (!routes) {
      const lines = [`import { ${name} } from '${from}';`, `routes: [… , ...${name}()]`];
      throw byHand(doing, main, 'hands no `routes` to `serveRest(settings, { … }, runtime)`', lines);
    }
    const list = unwrapped(routes);
    const added = ts.isArrayLiteralExpression(list)
      ? [addElement(list, `...${name}()`)]
      : [insertAt(routes.getStart(), '[...'), insertAt(routes.end, `, ...${name}()]`)];
    return [...addImport(source, from, [name]), ...added];
  });
}
