import { relative } from 'node:path';
import type { Tree } from '@nx/devkit';
import { hasPlace } from '../../templates/has-place.ts';
import { renderForService } from '../../templates/render-for-service.ts';
import { keptFolder } from '../../templates/versions.ts';
import { servicesIn } from '../../tree/projects.ts';

/**
 * Writes the files that the workspace keeps in each service which was made from a template, and says which were not as they
 * should be.
 */
export async function mendKeptFiles(tree: Tree): Promise<string[]> {
  const folder = keptFolder(tree.root);
  const faults: string[] = [];
  for (const service of servicesIn(tree)) {
    const version = service.app.manifest.nx?.metadata?.template;
    if (version === undefined) continue;
    const files = await renderForService(tree, folder, service, version);
    for (const [path, text] of Object.entries(files)) {
      const found = tree.read(path, 'utf8');
      if (found === text || !hasPlace(tree, path)) continue;
      const kind = path.startsWith(`${service.app.root}/`) ? 'service' : 'contract';
      const what = found === null ? 'is missing' : `is not what ${relative(tree.root, folder)}/${kind} makes`;
      faults.push(`${service.name}: ${path} ${what}`);
      tree.write(path, text);
    }
  }
  return faults;
}
