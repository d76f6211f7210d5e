import { join } from 'node:path';
import type { Tree } from '@nx/devkit';
import { renderForService } from '../templates/render-for-service.ts';
import { templatesFolder } from '../templates/versions.ts';
import { formatText } from '../tree/format.ts';
import { renewDocuments } from '../tree/documents.ts';
import { readJson, serviceIn, writeJson, type ServiceProjects } from '../tree/projects.ts';
import type { Manifest } from '../workspace.ts';
import { loadCodemod, type Codemod } from './codemods.ts';
import { differences, fork } from './fork.ts';
import { mergeTemplate, type FileOutcome } from './merge-template.ts';
import { recordedVersion, templateUpTo, type Versions } from './versions.ts';

/** What one version did to one service. */
export interface Step {
  readonly service: ServiceProjects;
  readonly from: string;
  readonly to: string;
  readonly codemods: readonly { readonly name: string; readonly files: readonly string[] }[];
  /** `undefined` for a version that has codemods only. */
  readonly template: readonly FileOutcome[] | undefined;
  /** What its team has to do besides. */
  readonly notes: readonly string[];
}

/**
 * Takes a service to the next version: first the codemods of that version, in the order of their names, then what changed
 * between the template that it took last and this one. The version is recorded.
 */
export async function upgradeStep(tree: Tree, name: string, to: string, versions: Versions): Promise<Step> {
  const find = () => serviceIn(tree, name, `Cannot upgrade \`${name}\``);
  const before = fork(tree);
  const from = recordedVersion(find())!;
  const codemods: { name: string; files: string[] }[] = [];
  for (const codemod of versions.codemods.filter(({ version }) => version === to)) {
    codemods.push({ name: codemod.name, files: await runCodemod(tree, find(), codemod) });
  }
  const template = versions.templates.includes(to)
    ? await takeTemplate(tree, find(), templateUpTo(versions.templates, from)!, to)
    : undefined;
  record(tree, find(), to);
  return { service: find(), from, to, codemods, template, notes: renewPromises(before, tree, find(), template ?? []) };
}

async function runCodemod(tree: Tree, service: ServiceProjects, codemod: Codemod): Promise<string[]> {
  const before = fork(tree);
  const roots = [service.app.root, service.contract.root];
  try {
    const migrate = await loadCodemod(codemod);
    await migrate(tree, service);
    const touched = differences(before, tree);
    const elsewhere = touched.find((path) => !roots.some((root) => path.startsWith(`${root}/`)));
    if (elsewhere) throw new Error(`expected it to edit files in ${roots.join(' and ')}, got ${elsewhere}`);
    for (const path of touched.filter((each) => tree.isFile(each))) await formatFile(tree, path);
  } catch (error) {
    throw new Error(`the codemod ${codemod.name} failed: ${messageOf(error)}`, { cause: error });
  }
  return differences(before, tree);
}

async function formatFile(tree: Tree, path: string): Promise<void> {
  try {
    tree.write(path, await formatText(tree.root, path, tree.read(path, 'utf8')!));
  } catch (error) {
    throw new Error(`expected ${path} to parse afterwards, got ${messageOf(error)}`, { cause: error });
  }
}

/** Both versions are told that they are the newer: which one a service has taken is recorded apart from the merge. */
async function takeTemplate(tree: Tree, service: ServiceProjects, from: string, to: string): Promise<FileOutcome[]> {
  const [base, theirs] = await Promise.all(
    [from, to].map((version) => renderForService(tree, join(templatesFolder(tree.root), version), service, to)),
  );
  return mergeTemplate(tree, base!, theirs!, { ours: 'yours', base: `template ${from}`, theirs: `template ${to}` });
}

function record(tree: Tree, { app }: ServiceProjects, version: string): void {
  const file = `${app.root}/package.json`;
  const manifest = readJson<Manifest>(tree, file);
  const metadata = { ...manifest.nx?.metadata, template: version };
  writeJson(tree, file, { ...manifest, nx: { ...manifest.nx, metadata } });
}

/** Writes the documents of a contract that changed anew. That it cannot be run yet is for its team to mend, as any failing test. */
function renewPromises(
  before: Tree,
  tree: Tree,
  { contract }: ServiceProjects,
  outcomes: readonly FileOutcome[],
): string[] {
  const isInContract = (path: string) => path.startsWith(`${contract.root}/src/`);
  if (!differences(before, tree).some(isInContract)) return [];
  const byHand = `${contract.root}/src/*.json: write its documents anew with \`vitest -u\`, as ${contract.root}/README.md says`;
  if (outcomes.some(({ path, outcome }) => outcome === 'conflict' && isInContract(path))) return [byHand];
  const attempt = fork(tree);
  try {
    const files = renewDocuments(attempt, contract.root, `Cannot write the documents of ${contract.manifest.name}`);
    for (const file of files) tree.write(file, attempt.read(file)!);
    return [];
  } catch (error) {
    return [`${byHand}. ${messageOf(error)}`];
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
