import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTree } from '@nx/devkit/testing';
import { flushChanges, FsTree } from 'nx/src/generators/tree';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockPackages } from './lockfile.ts';
import { readJson, writeJson } from './projects.ts';

test('what npm writes of a package in another form than it is given stays as npm wrote it', () => {
  const tree = createTree();
  const given = {
    name: '@org/tool',
    version: '1.0.0',
    bin: { tool: './src/main.ts' },
    funding: 'https://example.com',
    optionalDependencies: { fsevents: '2.3.3' },
    peerDependencies: { zod: '*' },
    peerDependenciesMeta: { zod: { optional: true } },
    engines: { node: '>=24' },
  };
  // As `npm install` makes it.
  const written = {
    name: '@org/tool',
    version: '1.0.0',
    bin: { tool: 'src/main.ts' },
    engines: { node: '>=24' },
    funding: { url: 'https://example.com' },
    optionalDependencies: { fsevents: '2.3.3' },
    peerDependencies: { zod: '*' },
    peerDependenciesMeta: { zod: { optional: true } },
  };
  const lockfile = {
    packages: { 'libs/tool': written, 'node_modules/@org/tool': { resolved: 'libs/tool', link: true } },
  };
  writeJson(tree, 'package.json', { name: '@org/workspace', workspaces: ['libs/*'] });
  writeJson(tree, 'libs/tool/package.json', given);
  writeJson(tree, 'package-lock.json', lockfile);
  const before = tree.read('package-lock.json', 'utf8');

  lockPackages(tree);
  expect(tree.read('package-lock.json', 'utf8')).toBe(before);

  writeJson(tree, 'libs/tool/package.json', { ...given, version: '1.1.0' });
  lockPackages(tree);
  expect(readJson<typeof lockfile>(tree, 'package-lock.json').packages['libs/tool']).toEqual({
    ...written,
    version: '1.1.0',
  });
});

describe('the packages of another workspace', () => {
  let folder: string;
  let root: string;
  let other: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'modules-')));
    [root, other] = [join(folder, 'workspace'), join(folder, 'other')];
    mkdirSync(root);
    mkdirSync(join(other, '@org'), { recursive: true });
    symlinkSync('../../libs/kept', join(other, '@org/kept'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A workspace with these libraries and their dependencies, of which npm has locked `zod` 1.0.0. */
  function workspace(libraries: Record<string, Record<string, string>>): FsTree {
    const tree = new FsTree(root, false);
    writeJson(tree, 'package.json', { name: '@org/workspace', workspaces: ['libs/*'] });
    writeJson(tree, 'package-lock.json', { packages: { 'node_modules/zod': { version: '1.0.0' } } });
    for (const [name, dependencies] of Object.entries(libraries)) {
      writeJson(tree, `libs/${name}/package.json`, { name: `@org/${name}`, version: '1.0.0', dependencies });
    }
    return tree;
  }

  test.each([
    ['node_modules', 'other', 'node_modules'],
    ['a scope in it', 'other/@types', 'node_modules/@types'],
    ['its folder of programs', 'other/.bin', 'node_modules/.bin'],
  ])('are not installed into through a link: %s', (_, target, link) => {
    mkdirSync(join(folder, target), { recursive: true });
    if (link !== 'node_modules') mkdirSync(join(root, 'node_modules'));
    symlinkSync(join(folder, target), join(root, link));
    const tree = workspace({ kept: { zod: '2.0.0' } });
    expect(() => lockPackages(tree)).toThrow(
      `Cannot install what package-lock.json does not have yet: ${link} is a link to ${join(folder, target)}, where`,
    );
    expect(() => lockPackages(tree)).toThrow('Nothing was written. Delete the link, run `npm ci`, and try again.');
  });

  test.each([
    ['node_modules', '', 'node_modules'],
    ['its scope', '@org', 'node_modules/@org'],
  ])('are neither joined by those of this one nor taken away through a link: %s', (_, target, link) => {
    if (link !== 'node_modules') mkdirSync(join(root, 'node_modules'));
    symlinkSync(join(other, target), join(root, link));
    for (const names of [['kept', 'young'], []]) {
      const libraries = Object.fromEntries(names.map((name) => [name, {}]));
      expect(() => lockPackages(workspace(libraries))).toThrow(`node_modules/@org: ${link} is a link to ${other}`);
    }
  });

  test('serve a workspace that needs no others', async () => {
    symlinkSync(other, join(root, 'node_modules'));
    await lockPackages(workspace({ kept: { zod: '1.0.0' } }))();
    expect(readdirSync(join(other, '@org'))).toEqual(['kept']);
  });

  test('are left alone by a workspace with a folder of its own', async () => {
    mkdirSync(join(root, 'node_modules'));
    symlinkSync(join(other, 'zod'), join(root, 'node_modules/zod'));
    const tree = workspace({ young: { zod: '1.0.0' } });
    const link = lockPackages(tree);
    flushChanges(root, tree.listChanges());
    await link();
    expect(realpathSync(join(root, 'node_modules/@org/young'))).toBe(join(root, 'libs/young'));
    expect(readdirSync(join(other, '@org'))).toEqual(['kept']);
    // npm itself replaces a link to one package by the package.
    expect(() => lockPackages(workspace({ young: { zod: '2.0.0' } }))).not.toThrow();
  });
});
