import { join } from 'node:path';
import type { Tree } from '@nx/devkit';
import { addImport } from '../edit/add.ts';
import { editFile } from '../edit/edit-file.ts';
import { insertAt } from '../edit/edits.ts';
import { callOf } from '../edit/find.ts';
import { findStarted } from '../edit/started.ts';
import { renderFolder } from '../templates/render-folder.ts';
import type { TemplateVariables } from '../templates/render-template.ts';
import { templatesFolder } from '../templates/versions.ts';
import { serviceIn } from '../tree/projects.ts';
import { openDatabase } from './open-database.ts';

/** Has a service that was made just now keep its greetings in a database, by the folder `database` of its template. */
export async function keepGreetings(tree: Tree, variables: TemplateVariables, doing: string): Promise<void> {
  const service = serviceIn(tree, variables.name, doing);
  const { root } = service.app;
  const folder = join(templatesFolder(tree.root), variables.version, 'database');
  const files = await renderFolder(tree.root, folder, root, variables);
  for (const [path, text] of Object.entries(files)) tree.write(path, text);
  openDatabase(tree, service, doing);
  editFile(tree, `${root}/src/main.ts`, (source) => {
    const database = findStarted(source, 'database')!;
    return [
      ...addImport(source, './greetings.ts', ['createGreetings']),
      ...database.edits,
      insertAt(callOf(source, 'greetingRoutes')!.end - 1, `createGreetings(${database.name})`),
    ];
  });
}
