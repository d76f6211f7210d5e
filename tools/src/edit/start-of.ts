import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { sourceOf } from './edit-file.ts';
import { bodyOf, objectGivenTo } from './find.ts';
import { byHand } from '../tree/refusal.ts';

/**
 * The definition of a service in `main.ts`, and the body of its `start`.
 *
 * @throws {Refusal} with the lines to add, when there is no `start({ settings, start })`.
 */
export function startOf(tree: Tree, file: string, doing: string, lines: readonly string[]) {
  const source = tree.exists(file) ? sourceOf(tree, file) : undefined;
  const definition = source && objectGivenTo(source, 'defineService');
  const body = definition && bodyOf(definition, 'start');
  if (body && ['settings', 'start'].every((name) => namesGivenTo(body).includes(name))) {
    return { source, definition, body };
  }
  throw byHand(doing, file, 'has no `async start({ settings, start }) { … }` in `defineService({ … })`', lines);
}

/** The names that a function takes out of its first argument. */
function namesGivenTo({ parent }: ts.Block): string[] {
  const pattern = ts.isFunctionLike(parent) ? parent.parameters[0]?.name : undefined;
  if (!pattern || !ts.isObjectBindingPattern(pattern)) return [];
  return pattern.elements.map(({ name }) => name.getText());
}
