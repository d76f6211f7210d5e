import { writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Metafile, Plugin } from 'esbuild';
import { assetsOf } from './assets.ts';
import { readManifest, readProject, readProjects, type Manifest } from './workspace.ts';

/**
 * Writes `dependencies.json` beside the bundle: the packages of which something is in it or, as an asset, next to it, with
 * the versions and licences that were installed when it was built.
 */
export function writeDependencies(workspaceRoot: string): Plugin {
  return {
    name: 'write-dependencies',
    setup(build) {
      build.initialOptions.metafile = true;
      build.onEnd(({ metafile }) => {
        const { outfile } = build.initialOptions;
        if (!metafile || outfile === undefined) return;
        const folder = join(workspaceRoot, dirname(outfile));
        const application = readProject(workspaceRoot, relative(workspaceRoot, dirname(folder)));
        const assets = assetsOf(application, readProjects(workspaceRoot)).map(({ input, glob }) => `${input}/${glob}`);
        const packages = packagesOf(workspaceRoot, [...bundledFiles(metafile), ...assets]);
        writeFileSync(join(folder, 'dependencies.json'), `${JSON.stringify(packages, undefined, 2)}\n`);
      });
    },
  };
}

/** The files of which something is left in what esbuild wrote. */
export function bundledFiles({ outputs }: Pick<Metafile, 'outputs'>): string[] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
}

/** An installed package. */
export interface Package {
  name: string;
  version: string;
  /** As its own `package.json` says, mostly an SPDX expression; another version of it may have another. */
  license?: string;
}

/** The installed packages that hold these files, sorted; files of the workspace itself belong to none. */
export function packagesOf(workspaceRoot: string, files: readonly string[]): Package[] {
  // Greedy: of packages within packages the innermost.
  const roots = new Set(files.flatMap((file) => /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  const found = [...roots].map((root): Package => {
    const manifest: Manifest & { license?: string | { type?: string } } = readManifest(
      join(workspaceRoot, root, 'package.json'),
    );
    const { name, version, license: named } = manifest;
    const license = typeof named === 'object' ? named.type : named;
    return { name, version, ...(license !== undefined && { license }) };
  });
  const rows = new Map(found.map((one) => [`${one.name} ${one.version}`, one]));
  return [...rows.keys()].sort().map((key) => rows.get(key)!);
}
