import { join } from 'node:path';
import type { Tree } from '@nx/devkit';
import { runContractScript } from '../contract-script.ts';
import { projectsIn, scopeOf } from './projects.ts';
import { Refusal } from './refusal.ts';

/** A document that a contract has committed: its file, the script of the contract library that renders it, and one of nothing. */
interface Kind {
  readonly file: string;
  readonly script: string;
  readonly empty: string;
}

const openApi: Kind = { file: 'openapi.json', script: 'render-openapi.ts', empty: '{"openapi":"3.1.1"}\n' };
const asyncApi: Kind = { file: 'asyncapi.json', script: 'render-asyncapi.ts', empty: '{"asyncapi":"3.0.0"}\n' };

/**
 * Writes the document of a contract's operations into the tree, as the tree would have the contract: it is run, with everything
 * in place that the tree changes, in a process of its own.
 *
 * @param root The folder of the contract, such as `libs/contracts/orders`.
 * @throws {Refusal} when the contract cannot be run or its examples do not fit.
 */
export function writeOpenApi(tree: Tree, root: string, doing: string): void {
  write(tree, root, doing, openApi);
}

/**
 * Writes the document of a contract's messages into the tree, in the manner of `writeOpenApi`.
 *
 * @throws {Refusal} when the contract cannot be run or its examples do not fit.
 */
export function writeAsyncApi(tree: Tree, root: string, doing: string): void {
  write(tree, root, doing, asyncApi);
}

/**
 * Writes the documents anew that a contract has: that of its operations, that of its messages.
 *
 * @returns Their files.
 * @throws {Refusal} when the contract cannot be run or its examples do not fit.
 */
export function renewDocuments(tree: Tree, root: string, doing: string): string[] {
  const fileOf = ({ file }: Kind) => `${root}/src/${file}`;
  const kinds = [openApi, asyncApi].filter((kind) => tree.exists(fileOf(kind)));
  for (const kind of kinds) write(tree, root, doing, kind);
  return kinds.map(fileOf);
}

/**
 * Checks that a contract can be run as the tree has it, before something is made that depends on it.
 *
 * @throws {Refusal} when it cannot.
 */
export function checkContract(tree: Tree, root: string, doing: string): void {
  render(tree, root, doing, openApi);
}

function write(tree: Tree, root: string, doing: string, kind: Kind): void {
  const file = `${root}/src/${kind.file}`;
  // The contract imports it.
  if (!tree.exists(file)) tree.write(file, kind.empty);
  tree.write(file, render(tree, root, doing, kind));
}

function render(tree: Tree, root: string, doing: string, kind: Kind): string {
  const changed = tree
    .listChanges()
    .filter(({ path, type }) => type !== 'DELETE' && /\.(ts|json)$/.test(path))
    .map(({ path, content }) => [join(tree.root, path), content?.toString('utf8') ?? '']);
  const library = projectsIn(tree).find(({ shortName }) => shortName === 'contract')?.root ?? 'libs/framework/contract';
  const file = `${root}/src/contract.ts`;
  const { status, stdout, stderr, error } = runContractScript(tree.root, kind.script, {
    library,
    scope: scopeOf(tree),
    arguments: [join(tree.root, file)],
    input: JSON.stringify(Object.fromEntries(changed)),
    timeoutMs: 30_000,
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
