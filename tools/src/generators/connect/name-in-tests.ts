import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { addProperty } from '../../edit/add.ts';
import { editFile, sourceOf } from '../../edit/edit-file.ts';
import { constantOf, valueOf } from '../../edit/find.ts';
import type { Connection } from './generator.ts';

/**
 * Names where the called service is in the test that starts the built file as in production, where nothing is assumed. That
 * test is the team's: where it has another shape, whoever connects is told.
 *
 * @returns whether it is named there.
 */
export function nameInTests(tree: Tree, { caller, prefix }: Connection): boolean {
  const file = `${caller.app.root}/test/built.test.ts`;
  if (!tree.exists(file)) return false;
  const environment = constantOf(sourceOf(tree, file), 'environment');
  if (!environment || !ts.isObjectLiteralExpression(environment)) return false;
  const variable = `${prefix}_URL`;
  if (valueOf(environment, variable)) return true;
  editFile(tree, file, () => [addProperty(environment, `${variable}: 'http://127.0.0.1:9'`)]);
  return true;
}
