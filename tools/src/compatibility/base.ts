import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tryGit } from '../tree/git.ts';

/** Where the promises stand that are kept: a commit, and what it is called. */
export interface Base {
  readonly commit: string;
  readonly name: string;
}

/**
 * The commit at which this branch left the one that it will be merged into.
 *
 * @param asked A branch, tag or commit. Default: the variable NX_BASE, or else `defaultBase` of nx.json.
 * @throws {Error} when git does not know it, as in a clone of one commit: what cannot be compared is not called compatible.
 */
export function findBase(workspaceRoot: string, asked: string | undefined): Base {
  const { defaultBase = 'main' } = JSON.parse(readFileSync(join(workspaceRoot, 'nx.json'), 'utf8')) as {
    defaultBase?: string;
  };
  // A pipeline may set the variable to nothing.
  const name = asked ?? (process.env.NX_BASE || defaultBase);
  const candidates = [name, `origin/${name}`].filter((each) =>
    tryGit(workspaceRoot, ['rev-parse', '--verify', '--quiet', `${each}^{commit}`]),
  );
  // Of several git takes the best common ancestor: a local branch may be long behind, and need not be there.
  const commit =
    candidates.length > 0 ? tryGit(workspaceRoot, ['merge-base', 'HEAD', ...candidates])?.trim() : undefined;
  if (commit) return { commit, name };
  throw new Error(
    `Cannot compare the contract: expected git to know where this branch left \`${name}\`, but it does not. Fetch it (\`git fetch --unshallow origin ${name}\`, or \`fetch-depth: 0\` in a pipeline), or name another base with --base or NX_BASE.`,
  );
}

/** A file as a commit has it; `undefined` where it has none. */
export function fileAt(workspaceRoot: string, commit: string, file: string): string | undefined {
  return tryGit(workspaceRoot, ['show', `${commit}:./${file}`]);
}

/** The folder in which a commit has a package, which may have moved since; `undefined` where it has none of that name. */
export function folderAt(workspaceRoot: string, commit: string, name: string): string | undefined {
  const found = tryGit(workspaceRoot, [
    'grep',
    '--name-only',
    '--fixed-strings',
    `"name": "${name}"`,
    commit,
    '--',
    '*/package.json',
  ]);
  return found
    ?.split('\n')[0]
    ?.slice(commit.length + 1)
    .replace(/\/package\.json$/, '');
}

/** The files of a folder as a commit has it, relative to the workspace. */
export function filesAt(workspaceRoot: string, commit: string, folder: string): string[] {
  const list = tryGit(workspaceRoot, ['ls-tree', '-r', '-z', '--name-only', commit, '--', `${folder}/`]);
  return list?.split('\0').filter((file) => file !== '') ?? [];
}
