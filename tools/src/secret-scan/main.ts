import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { git, trackedFiles } from '../tree/git.ts';
import { readProjects } from '../workspace.ts';
import { findSecrets } from './find-secrets.ts';

// Looks for secrets in what the repository holds, what is about to be added to it, and what was built. Exit code 1 when it
// finds any; their values are not printed.
const workspaceRoot = join(import.meta.dirname, '../../..');
const added = git(workspaceRoot, ['ls-files', '--others', '--exclude-standard', '-z']).split('\0').filter(Boolean);
const built = readProjects(workspaceRoot).flatMap(({ root }) => filesBelow(`${root}/dist`));
const files = [...new Set([...trackedFiles(workspaceRoot), ...added, ...built])];

let found = 0;
for (const file of files) {
  const content = readFileSync(join(workspaceRoot, file));
  // What has a NUL is no text.
  if (content.includes(0)) continue;
  for (const { line, what } of await findSecrets(file, content.toString())) {
    found += 1;
    console.error(`${file}:${line}: ${what}`);
  }
}
if (found > 0) {
  console.error(
    `\nFound what looks like ${found} secrets. Take them out and have them replaced: whoever has the history has them.`,
  );
  console.error(
    'Where one is an example, use the password `hunter2`, or a reference such as vault:kv/orders/database#password.',
  );
  process.exitCode = 1;
} else {
  console.log(`No secret in ${files.length} files, ${built.length} of which were built`);
}

function filesBelow(folder: string): string[] {
  const absolute = join(workspaceRoot, folder);
  if (!existsSync(absolute)) return [];
  const entries = readdirSync(absolute, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return paths.map((path) => path.slice(workspaceRoot.length + 1));
}
