import { posix } from 'node:path';
import type { Project } from './workspace.ts';

/** One entry of the `assets` option of `@nx/esbuild:esbuild`. */
export interface CopiedAsset {
  input: string;
  glob: string;
  output: string;
}

/**
 * The files that an application's bundle needs beside it: whatever the application and the workspace libraries below it
 * declare as `nx.metadata.assets`, copied to `assets/<library>/` in the bundle's folder.
 *
 * @param projects All of the workspace.
 */
export function assetsOf(application: Project, projects: readonly Project[]): CopiedAsset[] {
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
    (project.manifest.nx?.metadata?.assets ?? []).map((asset) => copied(project, asset)),
  );
}

function copied({ root, shortName }: Project, asset: string): CopiedAsset {
  const path = asset.startsWith('npm:')
    ? posix.join('node_modules', asset.slice('npm:'.length))
    : posix.join(root, asset);
  return {
    input: posix.dirname(path),
    glob: posix.basename(path),
    output: posix.join('assets', shortName),
  };
}
