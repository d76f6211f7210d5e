import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bundledFiles, packagesOf } from './bundled-packages.ts';

test('a file counts when something of it is left in the bundle', () => {
  const inputs = { 'src/main.ts': { bytesInOutput: 10 }, 'node_modules/shaken/index.js': { bytesInOutput: 0 } };
  const output = { bytes: 10, imports: [], exports: [], inputs };
  expect(bundledFiles({ outputs: { 'dist/main.js': output } })).toEqual(['src/main.ts']);
});

test('lists each package and version once, each with its own licence, those inside others too, and none of the workspace', () => {
  const root = mkdtempSync(join(tmpdir(), 'dependencies-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const install = (folder: string, name: string, version: string, license?: string | { type: string }) => {
    mkdirSync(dirname(join(root, folder, 'package.json')), { recursive: true });
    writeFileSync(join(root, folder, 'package.json'), JSON.stringify({ name, version, license }));
  };
  install('node_modules/zod', 'zod', '4.0.0', 'MIT');
  install('node_modules/@scope/page', '@scope/page', '1.0.0');
  install('node_modules/@scope/page/node_modules/zod', 'zod', '3.0.0', { type: 'GPL-3.0-only' });
  install('node_modules/other/node_modules/zod', 'zod', '3.0.0', 'GPL-3.0-only');

  const files = [
    'node_modules/zod/index.js',
    'node_modules/zod/v4/core.js',
    'node_modules/@scope/page/dist/page.css',
    'node_modules/@scope/page/node_modules/zod/index.js',
    'node_modules/other/node_modules/zod/index.js',
    'apps/orders/src/main.ts',
    'libs/framework/errors/src/index.ts',
  ];
  expect(packagesOf(root, files)).toEqual([
    { name: '@scope/page', version: '1.0.0' },
    { name: 'zod', version: '3.0.0', license: 'GPL-3.0-only' },
    { name: 'zod', version: '4.0.0', license: 'MIT' },
  ]);
});
