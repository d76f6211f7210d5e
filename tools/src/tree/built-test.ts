import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { addProperty } from '../edit/add.ts';
import { editFile, sourceOf } from '../edit/edit-file.ts';
import { constantOf, valueOf } from '../edit/find.ts';

/**
 * Sets a variable in the test that starts the built file of an application as in production, where nothing is assumed. That test
 * is the team's: where it has another shape, whoever asks is told.
 *
 * @returns whether it is set there.
 */
export function nameInBuiltTest(tree: Tree, root: string, variable: string, value: string): boolean {
  const file = `${root}/test/built.test.ts`;
  if (!tree.exists(file)) return false;
  const environment = constantOf(sourceOf(tree, file), 'environment');
  if (!environment || !ts.isObjectLiteralExpression(environment)) return false;
  if (valueOf(environment, variable)) return true;
  editFile(tree, file, () => [addProperty(environment, `${variable}: '${value}'`)]);
  return true;
}
