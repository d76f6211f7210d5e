import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '@org/testing';
import { expect, test } from 'vitest';
import { readDependencies } from './dependencies.ts';

async function folderWith(files: Readonly<Record<string, object>>) {
  const directory = await temporaryDirectory();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory.path, name)), { recursive: true });
    await writeFile(join(directory.path, name), JSON.stringify(content));
  }
  return directory;
}

test('beside a bundle the build has written them down', async () => {
  const packages = [{ name: 'zod', version: '4.0.0' }];
  await using folder = await folderWith({ 'dist/dependencies.json': packages });
  const dist = join(folder.path, 'dist');
  expect(await readDependencies(dist, join(dist, 'main.js'))).toEqual({ source: 'bundle', packages });
});

test('from source they are what the program and its packages ask for, as it is installed', async () => {
  const named = (name: string, version: string, ...dependencies: string[]) => ({
    name,
    version,
    dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, '*'])),
  });
  await using folder = await folderWith({
    'apps/orders/package.json': {
      ...named('@acme/orders', '0.0.1', '@acme/errors', 'express'),
      devDependencies: { x: '*' },
    },
    'libs/errors/package.json': named('@acme/errors', '0.0.2', 'zod', 'absent'),
    'node_modules/express/package.json': named('express', '5.0.0', 'zod', '@acme/errors'),
    'node_modules/express/node_modules/zod/package.json': named('zod', '3.0.0'),
    'node_modules/zod/package.json': named('zod', '4.0.0'),
    'node_modules/x/package.json': named('x', '1.0.0'),
    'node_modules/@acme/.keep': {},
  });
  await symlink('../../libs/errors', join(folder.path, 'node_modules/@acme/errors'));
  const program = join(folder.path, 'apps/orders/src/main.ts');
  expect(await readDependencies(join(folder.path, 'libs/service/src/ops'), program)).toEqual({
    source: 'installation',
    packages: [
      { name: '@acme/errors', version: '0.0.2' },
      { name: 'express', version: '5.0.0' },
      { name: 'zod', version: '3.0.0' },
      { name: 'zod', version: '4.0.0' },
    ],
  });
});
