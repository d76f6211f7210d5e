import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { addImport } from '../../edit/add.ts';
import { editFile, sourceOf } from '../../edit/edit-file.ts';
import { insertAt } from '../../edit/edits.ts';
import { bodyOf, constantOf, objectGivenTo } from '../../edit/find.ts';
import { byHand } from '../../tree/refusal.ts';
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
  const definition = tree.exists(file) ? objectGivenTo(sourceOf(tree, file), 'defineService') : undefined;
  const body = definition && bodyOf(definition, 'start');
  if (!body || !['settings', 'start'].every((name) => namesGivenTo(body).includes(name))) {
    const importLines = Object.entries(imports).map(
      ([from, names]) => `import { ${names.join(', ')} } from '${from}';`,
    );
    const reason = 'has no `async start({ settings, start }) { … }` in `defineService({ … })`';
    throw byHand(doing, file, reason, [...importLines, '', ...statements]);
  }
  if (constantOf(body, variable)) return;
  editFile(tree, file, (source) => [
    ...Object.entries(imports).flatMap(([from, names]) => addImport(source, from, names)),
    insertAt(body.getStart() + 1, `\n${statements.join('\n')}`),
  ]);
}

/** The names that a function takes out of its first argument. */
function namesGivenTo({ parent }: ts.Block): string[] {
  const pattern = ts.isFunctionLike(parent) ? parent.parameters[0]?.name : undefined;
  if (!pattern || !ts.isObjectBindingPattern(pattern)) return [];
  return pattern.elements.map(({ name }) => name.getText());
}
