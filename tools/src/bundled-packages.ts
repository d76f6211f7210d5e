import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { readManifest, type Manifest } from './workspace.ts';

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
