import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Tree } from '@nx/devkit';
import { projectsIn, scopeOf } from './projects.ts';
import { Refusal } from './refusal.ts';

/**
 * Writes the document of a contract into the tree, as the tree would have the contract: it is run, with everything in place
 * that the tree changes, in a process of its own.
 *
 * @param root The folder of the contract, such as `libs/contracts/orders`.
 * @throws {Refusal} when the contract cannot be run or its examples do not fit.
 */
export function writeOpenApi(tree: Tree, root: string, doing: string): void {
  const file = `${root}/src/openapi.json`;
  if (!tree.exists(file)) tree.write(file, '{"openapi":"3.1.1"}\n');
  tree.write(file, renderOpenApi(tree, root, doing));
}

/**
 * Checks that a contract can be run as the tree has it, before something is made that depends on it.
 *
 * @throws {Refusal} when it cannot.
 */
export function checkContract(tree: Tree, root: string, doing: string): void {
  renderOpenApi(tree, root, doing);
}

function renderOpenApi(tree: Tree, root: string, doing: string): string {
  const changed = tree
    .listChanges()
    .filter(({ path, type }) => type !== 'DELETE' && /\.(ts|json)$/.test(path))
    .map(({ path, content }) => [join(tree.root, path), content?.toString('utf8') ?? '']);
  const library = projectsIn(tree).find(({ shortName }) => shortName === 'contract')?.root ?? 'libs/framework/contract';
  const script = join(tree.root, library, 'src/scripts/render-openapi.ts');
  const file = `${root}/src/contract.ts`;
  const line = [`--conditions=${scopeOf(tree)}/source`, script, join(tree.root, file)];
  const { status, stdout, stderr, error } = spawnSync(process.execPath, line, {
    cwd: tree.root,
    encoding: 'utf8',
    input: JSON.stringify(Object.fromEntries(changed)),
    env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
    timeout: 30_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return stdout;
  const reason = error?.message ?? stderr.replaceAll(`file://${tree.root}/`, '').replaceAll(`${tree.root}/`, '');
  throw new Refusal(`${doing}: the contract in ${file} cannot be run. Nothing was written.\n\n${essence(reason)}`);
}

/** What Node writes of an error, without its frames. */
function essence(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => !/^\s+at |^Node\.js v|^\s*$/.test(line));
  return lines.slice(0, 12).join('\n');
}
