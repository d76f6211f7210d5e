import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { publishManifest } from './publish-manifest.ts';
import { readProject, readProjects, readScope, type Manifest } from './workspace.ts';

// Run in the folder of a library: makes `dist`, which is what is published.
const workspaceRoot = join(import.meta.dirname, '../..');
const { manifest } = readProject(workspaceRoot, relative(workspaceRoot, process.cwd()));
rmSync('dist', { recursive: true, force: true });

const published = manifestOf(manifest);
const compiler = join(workspaceRoot, 'node_modules/typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
if (status !== 0) process.exit(1);

for (const asset of manifest.nx?.metadata?.assets ?? []) {
  if (!asset.startsWith('npm:')) cpSync(asset, join('dist', asset), { recursive: true });
}
writeFileSync('dist/package.json', `${JSON.stringify(published, undefined, 2)}\n`);

function manifestOf(manifest: Manifest): Record<string, unknown> {
  const packages = new Map(readProjects(workspaceRoot).map((project) => [project.manifest.name, project.manifest]));
  try {
    return publishManifest(manifest, { condition: `${readScope(workspaceRoot)}/source`, packages });
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}
