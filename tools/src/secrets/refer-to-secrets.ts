import type { Tree } from '@nx/devkit';
import { addImport, addProperty } from '../edit/add.ts';
import { editFile } from '../edit/edit-file.ts';
import { objectGivenTo, valueOf } from '../edit/find.ts';
import { addDependencies } from '../tree/dependencies.ts';
import type { ServiceProjects } from '../tree/projects.ts';
import type { SecretStore } from './secret-stores.ts';

/** Has a service that was made just now read from stores what its variables refer to. */
export function referToSecrets(tree: Tree, { app }: ServiceProjects, stores: readonly SecretStore[]): void {
  addDependencies(
    tree,
    app.root,
    stores.map(({ name }) => name),
  );
  editFile(tree, `${app.root}/src/main.ts`, (source) => {
    const definition = objectGivenTo(source, 'defineService')!;
    const list = `secrets: [${stores.map(({ variable }) => variable).join(', ')}]`;
    const inOrder = stores.toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
    return [
      // What goes to the same place stays in this order.
      ...inOrder.flatMap(({ name, variable }) => addImport(source, name, [variable])),
      addProperty(definition, list, valueOf(definition, 'commands') ? 'commands' : 'start'),
    ];
  });
}
