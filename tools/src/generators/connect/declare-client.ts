import type { Tree } from '@nx/devkit';
import { addImport, addProperty } from '../../edit/add.ts';
import { configOf } from '../../edit/config-of.ts';
import { editFile } from '../../edit/edit-file.ts';
import { valueOf } from '../../edit/find.ts';
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
  const config = configOf(tree, file, doing, [`import { clientSettings } from '${from}';`, `${property},`]);
  if (valueOf(config, variable)) return;
  editFile(tree, file, (source) => [...addImport(source, from, ['clientSettings']), addProperty(config, property)]);
}
