import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { snapshotUnusable } from '../migration-errors.ts';
import type { Kit, Snapshot } from './kit.ts';

interface Options {
  /** Whether there are migrations, which it must come with. */
  readonly expected: boolean;
}

/**
 * The models as of the last migration; empty ones where there is none.
 *
 * @throws {ServiceError} failed_precondition, SNAPSHOT_UNUSABLE, when it is missing or no snapshot.
 */
export function readSnapshot(kit: Kit, folder: string, { expected }: Options): Snapshot {
  const file = join(folder, 'snapshot.json');
  if (!existsSync(file)) {
    if (!expected) return kit.generateDrizzleJson({});
    throw snapshotUnusable(
      file,
      'there are migrations, and it is missing. Take it from the commit that they come from',
    );
  }
  const snapshot = parse(readFileSync(file, 'utf8'));
  if (snapshot) return snapshot;
  const why =
    'it is no snapshot. After a merge of two branches take snapshot.json and index.ts of the one, delete the migration of the other, and generate that anew';
  throw snapshotUnusable(file, why);
}

function parse(text: string): Snapshot | undefined {
  try {
    const value = JSON.parse(text) as Snapshot & { readonly dialect: unknown };
    return value.dialect === 'postgresql' ? value : undefined;
  } catch {
    return undefined;
  }
}
