import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { snapshotUnusable } from '../migration-errors.ts';
import type { Kit, Snapshot } from './kit.ts';

/** The models as of the last migration; empty ones where there is none. */
export function readSnapshot(kit: Kit, folder: string, { expected }: { expected: boolean }): Snapshot {
  const file = join(folder, 'snapshot.json');
  if (!existsSync(file)) {
    if (!expected) return kit.generateDrizzleJson({});
    throw snapshotUnusable(file, 'there are migrations, and it is missing. Take it from the branch they come from');
  }
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Snapshot;
  } catch {
    const why =
      'it is no JSON. After a merge of two branches take the file of the one, remove the migration of the other, and generate that anew';
    throw snapshotUnusable(file, why);
  }
}
