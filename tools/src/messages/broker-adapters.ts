import type { Tree } from '@nx/devkit';
import { camelCase } from '../tree/names.ts';
import { projectsIn } from '../tree/projects.ts';

/** An adapter of messaging, and the name by which it is imported: that of its vendor. */
export interface BrokerAdapter {
  readonly name: string;
  readonly variable: string;
}

/** The adapters of messaging that the workspace has: an application ships all of them, and `BROKER_URL` picks one. */
export function brokerAdapters(tree: Tree): BrokerAdapter[] {
  return projectsIn(tree)
    .filter(({ layer, shortName }) => layer === 'adapter' && shortName.startsWith('messaging-'))
    .map(({ manifest, shortName }) => ({
      name: manifest.name,
      variable: camelCase(shortName.slice('messaging-'.length)),
    }));
}
