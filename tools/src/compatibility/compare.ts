import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Project } from '../workspace.ts';
import type { Break } from './break.ts';

/** What of a document is read here. */
export interface Document {
  readonly info: { readonly version: string };
}

/** What a newer document breaks: asked of the contract library, as a process, since the tools import nothing of the workspace. */
export function compareDocuments(
  workspaceRoot: string,
  projects: readonly Project[],
  documents: { readonly before: Document; readonly after: Document },
): Break[] {
  const library = projects.find(({ shortName }) => shortName === 'contract');
  if (!library) throw new Error('Cannot compare documents: expected a library `contract` in the workspace, got none.');
  const script = join(workspaceRoot, library.root, 'src/scripts/compare-openapi.ts');
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [script], {
    encoding: 'utf8',
    input: JSON.stringify(documents),
    env: { ...process.env, NODE_OPTIONS: '' },
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`Cannot compare documents: ${error?.message ?? stderr}`);
  return JSON.parse(stdout) as Break[];
}
