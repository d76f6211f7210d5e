import type { Tree } from '@nx/devkit';
import type ts from 'typescript';
import { applyEdits, parse, type Edit } from './edits.ts';

/** The syntax tree of a file of the tree, as it is there now. */
export function sourceOf(tree: Tree, file: string): ts.SourceFile {
  return parse(file, tree.read(file, 'utf8') ?? '');
}

/** Edits a file of the tree by its syntax tree. */
export function editFile(tree: Tree, file: string, editsOf: (source: ts.SourceFile) => readonly Edit[]): void {
  const source = sourceOf(tree, file);
  tree.write(file, applyEdits(source.text, editsOf(source)));
}
