import { tryGit } from './tree/git.ts';

/** The commit that is checked out, with `-dirty` if files differ from it; `undefined` outside of a repository. */
export function currentCommit(folder: string): string | undefined {
  return tryGit(folder, ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*'])?.trim();
}
