import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FsTree } from 'nx/src/generators/tree';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { service } from '../src/generators/service/generator.ts';
import { sync } from '../src/generators/sync/generator.ts';
import { readManifest } from '../src/workspace.ts';
import { createCommittedScratch, generate } from './generate.ts';
import { scope, workspaceRoot } from './scratch.ts';

test('this workspace is in step', async () => {
  const tree = new FsTree(workspaceRoot, false);
  const result = await sync(tree);
  expect(result).toMatchObject({ outOfSyncDetails: [] });
  expect(tree.listChanges()).toEqual([]);
});

describe('a workspace in which people edited what it keeps', () => {
  const scratch = createCommittedScratch();
  afterAll(() => scratch[Symbol.dispose]());

  const read = (file: string) => readFileSync(join(scratch.root, file), 'utf8');
  const portsOf = (name: string) =>
    readManifest(join(scratch.root, 'apps', name, 'package.json')).nx?.metadata?.ports ?? {};
  const edit = (file: string, from: string | RegExp, to: string) => {
    expect(read(file)).toMatch(from);
    scratch.write(file, read(file).replace(from, to));
  };
  const takePorts = (name: string) =>
    edit(`apps/${name}/package.json`, /"ports": \{[^}]*\}/, '"ports": { "rest": 3010, "ops": 9474, "debugger": 9229 }');

  const edited = [
    ...['alpha', 'beta', 'gamma'].map((name) => `apps/${name}/package.json`),
    'apps/alpha/tsconfig.json',
    'libs/contracts/beta/src/openapi.test.ts',
  ];
  let before: { readme: string };

  beforeAll(async () => {
    for (const name of ['alpha', 'beta', 'gamma', 'by-hand', 'news']) {
      await generate(scratch.root, (tree) => service(tree, { name }));
    }
    edit('apps/by-hand/package.json', /"template": "[\d.]+",/, '');
    scratch.write('apps/by-hand/tsconfig.json', '{ "extends": "../../tsconfig.base.json" }\n');
    scratch.write('libs/contracts/gamma/src/asyncapi.json', '{ "asyncapi": "3.0.0" }\n');
    // A service of messages alone.
    for (const file of ['openapi.json', 'openapi.test.ts']) rmSync(join(scratch.root, 'libs/contracts/news/src', file));
    scratch.commit();
    before = { readme: read('apps/beta/README.md') };

    scratch.write('apps/alpha/tsconfig.json', '{ "extends": "./own.json" }\n');
    rmSync(join(scratch.root, 'libs/contracts/beta/src/openapi.test.ts'));
    for (const name of ['beta', 'gamma']) takePorts(name);
    edit('apps/alpha/package.json', '"dependencies": {', `"dependencies": {\n    "${scope}/errors": "*",`);
  }, 60_000);

  test('`nx sync:check` fails with a list of what is wrong in which service, and writes nothing', () => {
    const { status, stdout, stderr } = scratch.run('nx', 'sync:check');
    expect(status).toBe(1);
    const lines = [
      'alpha: apps/alpha/tsconfig.json is not what tools/templates/kept/service makes',
      'beta: libs/contracts/beta/src/openapi.test.ts is missing',
      'gamma: libs/contracts/gamma/src/asyncapi.test.ts is missing',
      'beta: apps/beta/package.json has the port 3010, which alpha has too; its block becomes 3020, 9484 (was 3010, 9474)',
      'gamma: apps/gamma/package.json has the port 3010, which alpha has too; its block becomes 3030, 9494 (was',
      'package-lock.json: does not lock what package.json says in apps/alpha',
    ];
    for (const line of lines) expect(stdout + stderr).toContain(line);
    expect(stdout + stderr).not.toContain('by-hand');
    expect(stdout + stderr).not.toContain('contracts/news');
    expect(stdout + stderr).not.toContain('beta/src/asyncapi.test.ts');
    expect(scratch.changes().sort()).toEqual([...edited].sort());
  });

  test('`nx sync` mends it, and nothing else', () => {
    const { status, stdout, stderr } = scratch.run('nx', 'sync');
    expect(status, stdout + stderr).toBe(0);
    const changed = [
      ...['alpha', 'beta', 'gamma'].map((name) => `apps/${name}/package.json`),
      'libs/contracts/gamma/src/asyncapi.test.ts',
      'package-lock.json',
    ];
    expect(scratch.changes().sort()).toEqual(changed);
  });

  test('the first service by name keeps its ports, the others get free blocks, and ports of no block stay', () => {
    expect(portsOf('alpha')).toEqual({ rest: 3010, ops: 9474 });
    expect(portsOf('beta')).toEqual({ rest: 3020, ops: 9484, debugger: 9229 });
    expect(portsOf('gamma')).toEqual({ rest: 3030, ops: 9494, debugger: 9229 });
    expect(read('apps/beta/README.md')).toBe(before.readme);
  });

  test('a second time there is nothing to mend', async () => {
    const tree = new FsTree(scratch.root, false);
    await sync(tree);
    expect(tree.listChanges()).toEqual([]);
  });
});
