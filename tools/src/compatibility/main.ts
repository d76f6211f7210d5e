import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { compareVersions } from '../templates/versions.ts';
import { readProject, readProjects } from '../workspace.ts';
import { fileAt, findBase, folderAt, type Base } from './base.ts';
import { compareDocuments } from './compare.ts';
import { readDocuments, type Document } from './documents.ts';
import { namesOf } from './names-of.ts';
import { renderReport } from './report.ts';
import { usersOf } from './users-of.ts';
import { isWaived, parseWaivers } from './waivers.ts';

// Run in the folder of a contract: compares its committed documents with those of the base branch, and fails when that breaks
// somebody, unless the contract's version has a new major or a waiver says that it is meant.
const workspaceRoot = join(import.meta.dirname, '../../..');

try {
  const { base } = parseArgs({ options: { base: { type: 'string' } } }).values;
  const { lines, failed } = judge(process.cwd(), findBase(workspaceRoot, base));
  for (const line of lines) (failed ? console.error : console.log)(line);
  process.exitCode = failed ? 1 : 0;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

interface Judgement {
  readonly lines: readonly string[];
  readonly failed: boolean;
}

function judge(folder: string, { commit, name }: Base): Judgement {
  const root = relative(workspaceRoot, folder);
  const { manifest } = readProject(workspaceRoot, root);
  const since = `${name} (${commit.slice(0, 10)})`;
  // It may have moved since.
  const oldRoot = folderAt(workspaceRoot, commit, manifest.name) ?? root;
  const documents = readDocuments(workspaceRoot, { commit, since, root, oldRoot });
  if (documents[0] === undefined) {
    return passed(`${manifest.name} is new: ${since} has neither openapi.json nor asyncapi.json in ${root}/src.`);
  }
  const { before, after } = documents[0];
  const versions = `${before.info.version} → ${after.info.version}`;
  const order = compareVersions(after.info.version, before.info.version);
  if (order < 0) return failure(`${manifest.name}: the version went back since ${since}, ${versions}.`);

  const projects = readProjects(workspaceRoot);
  const breaks = documents.flatMap((pair) => compareDocuments(workspaceRoot, projects, pair));
  const list = `${root}/waivers.json`;
  const waiversFile = join(workspaceRoot, list);
  const waivers = existsSync(waiversFile) ? parseWaivers(readFileSync(waiversFile, 'utf8'), list) : [];
  // The break of an older waiver was merged with it: what breaks at that place now is another, which nobody has allowed.
  const merged = fileAt(workspaceRoot, commit, `${oldRoot}/waivers.json`);
  const old = merged === undefined ? [] : parseWaivers(merged, `${oldRoot}/waivers.json of ${since}`);
  const added = waivers.filter((waiver) => !old.some((each) => isDeepStrictEqual(each, waiver)));
  const idle = added.filter((waiver) => !breaks.some((each) => isWaived([waiver], each)));
  if (idle.length > 0) {
    const places = idle.map(({ operation, place }) => `  ${operation}: ${place}`);
    return failure([`${list} waives what does not break; delete it:`, ...places].join('\n'));
  }
  if (breaks.length === 0) return passed(`${manifest.name} keeps its promises of ${since}.`);
  const isMajor = majorOf(after) > majorOf(before);
  const open = isMajor ? [] : breaks.filter((each) => !isWaived(added, each));
  const shown = (open.length > 0 ? open : breaks).map((each) => ({
    ...each,
    users: usersOf(workspaceRoot, projects, manifest.name, namesOf(workspaceRoot, { commit, root, oldRoot }, each)),
  }));
  const report = renderReport(shown);
  if (open.length === 0) {
    return passed([`${manifest.name} breaks promises of ${since} as it means to, ${versions}:`, report].join('\n\n'));
  }
  const remedy = [
    'Keep what there was, and add the new beside it. If it is meant, either',
    `  give the contract a new major version in ${root}/src/contract.ts, or`,
    `  say in ${list} of each: { "operation": …, "place": …, "reason": … }`,
    'docs/contracts.md says more.',
  ];
  return failure(
    [`${manifest.name} breaks promises of ${since}, ${versions}:`, report, remedy.join('\n')].join('\n\n'),
  );
}

function majorOf({ info }: Document): number {
  return Number(info.version.split('.')[0]);
}

function passed(line: string): Judgement {
  return { lines: [line], failed: false };
}

function failure(line: string): Judgement {
  return { lines: [line], failed: true };
}
