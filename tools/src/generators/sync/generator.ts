import type { Tree } from '@nx/devkit';
import type { SyncGeneratorResult } from 'nx/src/utils/sync-generators';
import { lockPackages } from '../../tree/lockfile.ts';
import { lockedDifferently } from './locked-differently.ts';
import { mendKeptFiles } from './mend-kept-files.ts';
import { mendPorts } from './mend-ports.ts';

/**
 * Brings in step what the workspace keeps: its files in the services, a block of ports for each, and the lock file. `nx.json`
 * registers it, so `npx nx sync` runs it, and `npx nx sync:check` fails with the list of what it would do.
 */
export async function sync(tree: Tree): Promise<SyncGeneratorResult> {
  const faults = [...(await mendKeptFiles(tree)), ...mendPorts(tree)];
  const lockfile = tree.read('package-lock.json', 'utf8');
  const callback = lockPackages(tree);
  faults.push(...lockedDifferently(lockfile, tree.read('package-lock.json', 'utf8')));
  return {
    callback,
    outOfSyncMessage: `Of what the workspace keeps, out of step: ${faults.length}.`,
    outOfSyncDetails: faults.map((fault) => `  ${fault}`),
  };
}
