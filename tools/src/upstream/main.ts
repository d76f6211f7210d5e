import { join } from 'node:path';
import { renameUpstream } from './rename-upstream.ts';

// Run by hand, as docs/upgrading.md says.
const [from, to, ...rest] = process.argv.slice(2);
if (from === undefined || to === undefined || rest.length > 0) {
  console.error(
    'Expected two versions, such as `v1.0.0 v1.1.0`: the one that this workspace has, and the one that it is to have.',
  );
  process.exit(2);
}
try {
  const branch = await renameUpstream(join(import.meta.dirname, '../../..'), { from, to });
  console.log(`The branch ${branch} has what changed from ${from} to ${to}. Next: git cherry-pick ${branch}`);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(
    `Cannot take ${to} of upstream: ${reason}\n\nWhat it needs is in docs/upgrading.md. Nothing was changed.`,
  );
  process.exit(1);
}
