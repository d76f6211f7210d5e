import type { Tree } from '@nx/devkit';
import type { Files } from '../templates/render-folder.ts';
import { formatText } from '../tree/format.ts';
import { mergeJson, type KeyConflict } from './merge-json.ts';
import { mergeText, type Sides } from './merge-text.ts';

/**
 * What became of a file that two versions of a template have differently:
 *
 * - `added`, `replaced`, `deleted`: the template's change, as it is, since the team had not touched the file;
 * - `merged`: the template's change beside the team's; in a `package.json` the `notes` name what the team's stayed in;
 * - `conflict`: both changed the same lines, which are marked in the file;
 * - `kept`: dropped by the template, and there since the team edited it;
 * - `absent`: changed by the template, and not there since the team deleted or moved it.
 */
export interface FileOutcome {
  readonly path: string;
  readonly outcome: 'added' | 'replaced' | 'deleted' | 'merged' | 'conflict' | 'kept' | 'absent';
  readonly notes?: readonly string[];
}

/**
 * Brings the changes between two versions of the template into the files of a service, which its team may have edited,
 * deleted, or made first.
 *
 * @param labels What the sides are called where a conflict is marked.
 */
export async function mergeTemplate(tree: Tree, base: Files, theirs: Files, labels: Sides): Promise<FileOutcome[]> {
  const outcomes: FileOutcome[] = [];
  for (const path of [...new Set([...Object.keys(base), ...Object.keys(theirs)])].sort()) {
    const outcome = await mergeFile(tree, path, base[path], theirs[path], labels);
    if (outcome) outcomes.push({ path, ...outcome });
  }
  return outcomes;
}

async function mergeFile(
  tree: Tree,
  path: string,
  base: string | undefined,
  theirs: string | undefined,
  labels: Sides,
): Promise<Omit<FileOutcome, 'path'> | undefined> {
  const ours = tree.read(path, 'utf8') ?? undefined;
  if (base === theirs || ours === theirs) return undefined;
  if (theirs === undefined) {
    if (ours !== base) return { outcome: 'kept' };
    tree.delete(path);
    return { outcome: 'deleted' };
  }
  if (ours === undefined && base !== undefined) return { outcome: 'absent' };
  if (ours === undefined || ours === base) {
    tree.write(path, theirs);
    return { outcome: ours === undefined ? 'added' : 'replaced' };
  }
  return path.endsWith('/package.json')
    ? mergeManifest(tree, path, { ours, base: base ?? '{}', theirs })
    : mergeLines(tree, path, { ours, base: base ?? '', theirs }, labels);
}

async function mergeLines(tree: Tree, path: string, sides: Sides, labels: Sides): Promise<Omit<FileOutcome, 'path'>> {
  const { text, conflicts } = mergeText(sides, labels);
  if (conflicts) {
    tree.write(path, text);
    return { outcome: 'conflict' };
  }
  // What fits line by line need not be a program; its team sees that when it runs the tests.
  tree.write(path, await formatText(tree.root, path, text).catch(() => text));
  return { outcome: 'merged' };
}

async function mergeManifest(tree: Tree, path: string, sides: Sides): Promise<Omit<FileOutcome, 'path'>> {
  const [ours, base, theirs] = [sides.ours, sides.base, sides.theirs].map(
    (text) => JSON.parse(text) as Record<string, unknown>,
  );
  const { merged, conflicts } = mergeJson(ours!, base!, theirs!);
  tree.write(path, await formatText(tree.root, path, `${JSON.stringify(merged, undefined, 2)}\n`));
  return { outcome: 'merged', notes: conflicts.map(describeConflict) };
}

function describeConflict({ key, ours, base, theirs }: KeyConflict): string {
  const [yours, old, young] = [ours, base, theirs].map((value) => JSON.stringify(value) ?? 'absent');
  return `\`${key}\` stays ${yours}; the template changes it from ${old} to ${young}`;
}
