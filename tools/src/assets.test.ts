import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { assetsOf } from './assets.ts';
import { readProject, readProjects } from './workspace.ts';

test('an application gets the assets of every library below it, each once and in a folder of its own', () => {
  const root = mkdtempSync(join(tmpdir(), 'assets-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const write = (folder: string, manifest: object) => {
    mkdirSync(dirname(join(root, folder, 'package.json')), { recursive: true });
    writeFileSync(join(root, folder, 'package.json'), JSON.stringify(manifest));
  };
  write('.', { name: '@acme/workspace', workspaces: ['apps/*', 'libs/*'] });
  write('apps/orders', {
    name: '@acme/orders',
    dependencies: { '@acme/port': '*', '@acme/page': '*', express: '5.0.0' },
  });
  write('libs/port', { name: '@acme/port', dependencies: { '@acme/page': '*' } });
  write('libs/page', {
    name: '@acme/page',
    dependencies: { '@acme/port': '*' },
    nx: { metadata: { assets: ['npm:swagger-ui-dist/swagger-ui.css', 'static/page.html'] } },
  });
  write('libs/other', { name: '@acme/other', nx: { metadata: { assets: ['unused.txt'] } } });

  expect(assetsOf(readProject(root, 'apps/orders'), readProjects(root))).toEqual([
    { from: 'node_modules/swagger-ui-dist/swagger-ui.css', to: 'assets/page/swagger-ui.css' },
    { from: 'libs/page/static/page.html', to: 'assets/page/page.html' },
  ]);
});
