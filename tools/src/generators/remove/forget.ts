import { posix } from 'node:path';
import type { Tree } from '@nx/devkit';
import { formatText } from '../../tree/format.ts';
import { readJson, servicesIn, writeJson } from '../../tree/projects.ts';
import type { Project } from '../../workspace.ts';

interface Launch {
  configurations?: readonly object[];
}

/**
 * Takes what is gone out of the files that speak of it by rule: scripts of `package.json`, the debugger's settings, the page of
 * error reasons, and links of documents.
 *
 * @param files Those that stay.
 */
export async function forget(tree: Tree, removed: readonly Project[], files: readonly string[]): Promise<void> {
  forgetScripts(tree, removed);
  await forgetLaunch(tree, removed);
  forgetReasons(tree, removed);
  for (const file of files.filter((each) => each.endsWith('.md'))) forgetLinks(tree, file, removed);
}

/** A script that ran the service runs the first one that is left. */
function forgetScripts(tree: Tree, removed: readonly Project[]): void {
  const manifest = readJson<{ scripts?: Record<string, string> }>(tree, 'package.json');
  const [next] = servicesIn(tree);
  const scripts = Object.entries(manifest.scripts ?? {}).flatMap(([key, script]) => {
    const words = script.split(' ');
    const names = removed.flatMap(({ shortName, manifest: { name } }) => [shortName, name]);
    if (!words.some((word) => names.includes(word))) return [[key, script]];
    return next ? [[key, words.map((word) => (names.includes(word) ? next.name : word)).join(' ')]] : [];
  });
  writeJson(tree, 'package.json', { ...manifest, scripts: Object.fromEntries(scripts) as Record<string, string> });
}

async function forgetLaunch(tree: Tree, removed: readonly Project[]): Promise<void> {
  const file = '.vscode/launch.json';
  const launch = parseJson<Launch>(tree.read(file, 'utf8'));
  if (!launch?.configurations) return;
  const names = (configuration: object) =>
    removed.some(({ root }) => new RegExp(`[/"]${root}["/]`).test(JSON.stringify(configuration)));
  const configurations = launch.configurations.filter((each) => !names(each));
  if (configurations.length === launch.configurations.length) return;
  const text = JSON.stringify({ ...launch, configurations }, undefined, 2);
  tree.write(file, await formatText(tree.root, file, text));
}

/** The section `## @org/name` of the page of error reasons. */
function forgetReasons(tree: Tree, removed: readonly Project[]): void {
  const file = 'docs/errors.md';
  const page = tree.read(file, 'utf8');
  if (!page) return;
  const headings = removed.map(({ manifest }) => `## ${manifest.name}\n`);
  const sections = page.split(/^(?=## )/m).filter((section) => !headings.some((each) => section.startsWith(each)));
  tree.write(file, `${sections.join('').trimEnd()}\n`);
}

/** `[text](path)` becomes `text` where the path leads to what is gone. */
function forgetLinks(tree: Tree, file: string, removed: readonly Project[]): void {
  const page = tree.read(file, 'utf8') ?? '';
  const unlinked = page.replace(/\[([^\]]*)\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g, (link, text: string, path: string) => {
    const target = posix.join(posix.dirname(file), path);
    return removed.some(({ root }) => `${target}/`.startsWith(`${root}/`)) ? text : link;
  });
  if (unlinked !== page) tree.write(file, unlinked);
}

/** `undefined` for what is no plain JSON, such as a file with comments: it is left to people. */
function parseJson<Content>(text: string | null): Content | undefined {
  try {
    return JSON.parse(text ?? '') as Content;
  } catch {
    return undefined;
  }
}
