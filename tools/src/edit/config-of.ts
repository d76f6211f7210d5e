import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { sourceOf } from './edit-file.ts';
import { constantOf, unwrapped } from './find.ts';
import { byHand } from '../tree/refusal.ts';

/**
 * The object that `config.ts` exports as `config`.
 *
 * @throws {Refusal} with the lines to add, when there is none.
 */
export function configOf(tree: Tree, file: string, doing: string, lines: readonly string[]) {
  const initializer = tree.exists(file) ? constantOf(sourceOf(tree, file), 'config') : undefined;
  const config = initializer && unwrapped(initializer);
  if (config && ts.isObjectLiteralExpression(config)) return config;
  throw byHand(doing, file, 'has no `export const config = { … }`', lines);
}
