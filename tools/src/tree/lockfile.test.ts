import { createTree } from '@nx/devkit/testing';
import { expect, test } from 'vitest';
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
