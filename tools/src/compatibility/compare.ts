import { runContractScript } from '../contract-script.ts';
import { readScope, type Project } from '../workspace.ts';
import type { Break } from './break.ts';
import type { Pair } from './documents.ts';

/** What a newer document breaks: asked of the contract library. */
export function compareDocuments(
  workspaceRoot: string,
  projects: readonly Project[],
  { script, before, after }: Pair,
): Break[] {
  const library = projects.find(({ shortName }) => shortName === 'contract');
  if (!library) throw new Error('Cannot compare documents: expected a library `contract` in the workspace, got none.');
  const { status, stdout, stderr, error } = runContractScript(workspaceRoot, script, {
    library: library.root,
    scope: readScope(workspaceRoot),
    input: JSON.stringify({ before, after }),
    timeoutMs: 60_000,
  });
  if (status !== 0) throw new Error(`Cannot compare documents: ${error?.message ?? stderr}`);
  return JSON.parse(stdout) as Break[];
}
