import type { Tree } from '@nx/devkit';
import { parse } from '../../edit/edits.ts';
import { scopeOf } from '../../tree/projects.ts';
import { byHand } from '../../tree/refusal.ts';
import type { Project } from '../../workspace.ts';
import { exportedNames } from './exported-names.ts';
import { namesOf } from './names-of.ts';

/**
 * Checks that a port has what the files of an adapter import: its settings, its embedded default and its suite.
 *
 * @throws {Refusal} with the lines that a port of another shape lacks.
 */
export function checkPort(tree: Tree, { root, shortName, manifest }: Project, doing: string): void {
  const { type, variable } = namesOf(shortName, '', doing);
  const source = `${scopeOf(tree)}/source`;
  const door = manifest.exports?.['./conformance'] as Record<string, string> | undefined;
  if (!door?.[source]) {
    throw byHand(doing, `${root}/package.json`, 'has no door `./conformance`, which is the suite of its adapters', [
      `"./conformance": {`,
      `  "${source}": "./src/conformance.ts",`,
      '  "types": "./dist/conformance.d.ts",',
      '  "default": "./dist/conformance.js"',
      '}',
    ]);
  }
  checkExports(tree, `${root}/src/index.ts`, doing, {
    [`memory${type}`]: `export { memory${type} } from './memory-${shortName}.ts';`,
    [`${type}Adapter`]: `export type { ${type}Adapter } from './${shortName}.ts';`,
    [`${variable}Settings`]: `export { ${variable}Settings } from './settings.ts';`,
  });
  checkExports(tree, `${root}/${door[source].replace(/^\.\//, '')}`, doing, {
    [`${variable}Conformance`]: `export function ${variable}Conformance(open: () => Promise<${type}>): ConformanceCase[] { … }`,
  });
}

/** Checks that a file exports names, each with the line that does. */
function checkExports(tree: Tree, file: string, doing: string, lines: Readonly<Record<string, string>>): void {
  const exported = exportedNames(parse(file, tree.read(file, 'utf8') ?? ''));
  const missing = Object.keys(lines).filter((name) => exported && !exported.has(name));
  if (missing.length === 0) return;
  const names = missing.map((name) => `\`${name}\``).join(', ');
  const needed = missing.map((name) => lines[name] ?? '');
  throw byHand(doing, file, `does not export ${names}, which an adapter is made of`, needed);
}
