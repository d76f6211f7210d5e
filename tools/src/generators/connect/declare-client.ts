import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { addImport, addProperty } from '../../edit/add.ts';
import { editFile, sourceOf } from '../../edit/edit-file.ts';
import { constantOf, unwrapped, valueOf } from '../../edit/find.ts';
import { byHand } from '../../tree/refusal.ts';
import type { Connection } from './generator.ts';

/**
 * Declares in `config.ts` that the service calls another, which also says so to whoever renders manifests.
 *
 * @throws {Refusal} with the lines to add, when there is no object `config`.
 */
export function declareClient(tree: Tree, { scope, caller, called, variable }: Connection, doing: string): void {
  const file = `${caller.app.root}/src/config.ts`;
  const from = `${scope}/api-client`;
  const { name } = called;
  const rest = called.app.manifest.nx?.metadata?.ports?.rest;
  const inDevelopment = rest === undefined ? '' : `, url: 'http://localhost:${rest}'`;
  const property = `${variable}: clientSettings({ name: '${name}'${inDevelopment} })`;
  const initializer = tree.exists(file) ? constantOf(sourceOf(tree, file), 'config') : undefined;
  const config = initializer && unwrapped(initializer);
  if (!config || !ts.isObjectLiteralExpression(config)) {
    const lines = [`import { clientSettings } from '${from}';`, `${property},`];
    throw byHand(doing, file, 'has no `export const config = { … }`', lines);
  }
  if (valueOf(config, variable)) return;
  editFile(tree, file, (source) => [...addImport(source, from, ['clientSettings']), addProperty(config, property)]);
}
