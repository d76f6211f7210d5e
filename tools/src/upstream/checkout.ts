import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../tree/git.ts';

/** The files of a commit in a temporary folder, with an index of their own, which the caller disposes. */
export interface Checkout extends Disposable {
  readonly folder: string;
  /** What git must be told to look here. */
  readonly environment: NodeJS.ProcessEnv;
}

export function checkOut(workspaceRoot: string, commit: string): Checkout {
  const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'upstream-')));
  const folder = join(temporary, 'files');
  const environment = {
    GIT_DIR: git(workspaceRoot, ['rev-parse', '--absolute-git-dir']).trim(),
    GIT_WORK_TREE: folder,
    GIT_INDEX_FILE: join(temporary, 'index'),
  };
  mkdirSync(folder);
  git(folder, ['read-tree', commit], environment);
  git(folder, ['checkout-index', '--all'], environment);
  return {
    folder,
    environment,
    [Symbol.dispose]() {
      rmSync(temporary, { recursive: true, force: true });
    },
  };
}
