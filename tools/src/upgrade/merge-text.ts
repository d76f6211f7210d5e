import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Three texts of a file, in the order in which git takes them. */
export interface Sides {
  readonly ours: string;
  readonly base: string;
  readonly theirs: string;
}

/**
 * Merges the changes between `base` and `theirs` into `ours`, line by line. A conflict is marked as git marks it, with the base
 * between both sides: it shows what the other side changed.
 *
 * @param labels What the sides are called in the marks.
 */
export function mergeText(sides: Sides, labels: Sides): { text: string; conflicts: boolean } {
  const folder = mkdtempSync(join(tmpdir(), 'merge-'));
  try {
    for (const [side, text] of Object.entries(sides)) writeFileSync(join(folder, side), text as string);
    const names = [labels.ours, labels.base, labels.theirs].flatMap((label) => ['-L', label]);
    const line = ['merge-file', '-p', '--diff3', ...names, 'ours', 'base', 'theirs'];
    const { status, stdout, stderr, error } = spawnSync('git', line, { cwd: folder, encoding: 'utf8' });
    // The exit code is the number of conflicts, at most 127 (git-merge-file(1)).
    if (status === null || status > 127) throw new Error(`git merge-file: ${error?.message ?? stderr.trim()}`);
    return { text: stdout, conflicts: status > 0 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
