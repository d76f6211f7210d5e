import type { Tree } from '@nx/devkit';
import { addImport } from '../../edit/add.ts';
import { editFile } from '../../edit/edit-file.ts';
import { insertAt } from '../../edit/edits.ts';
import { constantOf } from '../../edit/find.ts';
import { startOf } from '../../edit/start-of.ts';
import type { Connection } from './generator.ts';

/**
 * Makes the client at the top of `start` in `main.ts`, where whatever is opened below can be given it, and has readiness
 * show its health.
 *
 * @throws {Refusal} with the lines to add, when there is no `start({ settings, start })`.
 */
export function openClient(tree: Tree, { scope, caller, called, variable }: Connection, doing: string): void {
  const file = `${caller.app.root}/src/main.ts`;
  const contract = `${variable}Contract`;
  const statements = [
    `const ${variable} = createClient(${contract}, settings.${variable});`,
    `await start('${called.name}', () => clientHealth(${variable}));`,
  ];
  const imports = {
    [`${scope}/api-client`]: ['clientHealth', 'createClient'],
    [called.contract.manifest.name]: [`contract as ${contract}`],
  };
  const importLines = Object.entries(imports).map(([from, names]) => `import { ${names.join(', ')} } from '${from}';`);
  const { body } = startOf(tree, file, doing, [...importLines, '', ...statements]);
  if (constantOf(body, variable)) return;
  editFile(tree, file, (source) => [
    ...Object.entries(imports).flatMap(([from, names]) => addImport(source, from, names)),
    insertAt(body.getStart() + 1, `\n${statements.join('\n')}`),
  ]);
}
