import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { readManifest, type Manifest } from './workspace.ts';

/** One entry of the `assets` option of `@nx/esbuild:esbuild`. */
export interface CopiedAsset {
  input: string;
  glob: string;
  output: string;
  includeIgnoredFiles: true;
}

/**
 * The files that an application's bundle needs beside it: whatever the application and the workspace libraries below it
 * declare as `nx.metadata.assets`, copied to `assets/<library>/` in the bundle's folder.
 */
export function assetsOf(workspaceRoot: string, manifest: Manifest): CopiedAsset[] {
  const seen = new Set<string>();
  const collect = (current: Manifest, root: string): CopiedAsset[] => {
    if (seen.has(current.name)) return [];
    seen.add(current.name);
    const library = current.name.replace(/^@[^/]+\//, '');
    const own = (current.nx?.metadata?.assets ?? []).map((asset): CopiedAsset => {
      const path = asset.startsWith('npm:') ? `node_modules/${asset.slice('npm:'.length)}` : posix.join(root, asset);
      return {
        input: posix.dirname(path),
        glob: posix.basename(path),
        output: `assets/${library}`,
        includeIgnoredFiles: true,
      };
    });
    const below = Object.keys(current.dependencies ?? {}).flatMap((dependency) => {
      const found = locate(workspaceRoot, dependency);
      return found ? collect(readManifest(join(workspaceRoot, found)), dirname(found)) : [];
    });
    return [...own, ...below];
  };
  return collect(manifest, '');
}

function locate(workspaceRoot: string, packageName: string): string | undefined {
  const shortName = packageName.replace(/^@[^/]+\//, '');
  return [
    `libs/framework/${shortName}/package.json`,
    `libs/contracts/${shortName.replace(/-contract$/, '')}/package.json`,
  ].find(
    (file) =>
      existsSync(join(workspaceRoot, file)) && readManifest(join(workspaceRoot, file)).name === packageName,
  );
}
