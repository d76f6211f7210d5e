import ts from 'typescript';
import { insertAt, type Edit } from './edits.ts';
import { findNode } from './find.ts';

/** The call `start(name, …)` in `main.ts`, if there is one. */
export function startedAs(source: ts.SourceFile, name: string): ts.CallExpression | undefined {
  return findNode(
    source,
    (node): node is ts.CallExpression =>
      ts.isCallExpression(node) &&
      node.expression.getText() === 'start' &&
      node.arguments[0] !== undefined &&
      ts.isStringLiteralLike(node.arguments[0]) &&
      node.arguments[0].text === name,
  );
}

/** The statement of a call `await start(name, …)`. */
export interface Started {
  /** What it is called from there on. */
  readonly name: string;
  readonly end: number;
  /** What gives it that name, if it has none. */
  readonly edits: readonly Edit[];
}

/** What is started under a name; `undefined` when there is none, or it stands there in another way. */
export function findStarted(source: ts.SourceFile, name: string): Started | undefined {
  const awaited = startedAs(source, name)?.parent;
  if (!awaited || !ts.isAwaitExpression(awaited)) return undefined;
  const { parent } = awaited;
  if (ts.isExpressionStatement(parent)) {
    return { name, end: parent.end, edits: [insertAt(parent.getStart(), `const ${name} = `)] };
  }
  if (!ts.isVariableDeclaration(parent) || !ts.isIdentifier(parent.name)) return undefined;
  return { name: parent.name.text, end: parent.parent.parent.end, edits: [] };
}
