import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Project } from '../workspace.ts';
import type { Break } from './break.ts';
import type { Pair } from './documents.ts';

/** What a newer document breaks: asked of the contract library, as a process, since the tools import nothing of the workspace. */
export function compareDocuments(
  workspaceRoot: string,
  projects: readonly Project[],
  { script, before, after }: Pair,
): Break[] {
  const library = projects.find(({ shortName }) => shortName === 'contract');
  if (!library) throw new Error('Cannot compare documents: expected a library `contract` in the workspace, got none.');
  const file = join(workspaceRoot, library.root, 'src/scripts', script);
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [file], {
    encoding: 'utf8',
    input: JSON.stringify({ before, after }),
    env: { ...process.env, NODE_OPTIONS: '' },
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`Cannot compare documents: ${error?.message ?? stderr}`);
  return JSON.parse(stdout) as Break[];
}
