import { posix } from 'node:path';
import type { Project } from './workspace.ts';

/** A file that lies beside a bundle. */
export interface Asset {
  /** Where it comes from, relative to the workspace. */
  from: string;
  /** Where it lies, relative to the bundle's folder. */
  to: string;
}

/**
 * The files that an application's bundle needs beside it: whatever the application and the workspace libraries below it
 * declare as `nx.metadata.assets`, in `assets/<library>/`.
 *
 * @param projects All of the workspace.
 */
export function assetsOf(application: Project, projects: readonly Project[]): Asset[] {
  const byPackage = new Map(projects.map((project) => [project.manifest.name, project]));
  const found = new Set([application]);
  // A set may grow while it is walked: what is added is visited later.
  for (const { manifest } of found) {
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      const library = byPackage.get(dependency);
      if (library) found.add(library);
    }
  }
  return [...found].flatMap((project) =>
    (project.manifest.nx?.metadata?.assets ?? []).map((asset) => assetOf(project, asset)),
  );
}

function assetOf({ root, shortName }: Project, asset: string): Asset {
  const from = asset.startsWith('npm:')
    ? posix.join('node_modules', asset.slice('npm:'.length))
    : posix.join(root, asset);
  return { from, to: posix.join('assets', shortName, posix.basename(from)) };
}
