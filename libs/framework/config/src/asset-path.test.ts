import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ServiceError } from '@org/errors';
import { temporaryDirectory } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { assetPath } from './asset-path.ts';

async function folderWith(files: Readonly<Record<string, string>>) {
  const directory = await temporaryDirectory();
  for (const [name, content] of Object.entries(files)) {
    const file = join(directory.path, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return directory;
}

describe('beside a bundle', () => {
  test('an asset lies in the folder of its library', async () => {
    await using folder = await folderWith({ 'dist/main.js': '', 'dist/assets/api-swagger/page.html': '' });
    const dist = join(folder.path, 'dist');
    expect(assetPath(dist, 'api-swagger', 'page.html')).toBe(join(dist, 'assets/api-swagger/page.html'));
    expect(assetPath(dist, 'api-swagger', 'assets/page.html')).toBe(join(dist, 'assets/api-swagger/page.html'));
  });

  test('a missing asset is an error that says what to do', async () => {
    await using folder = await folderWith({ 'dist/assets/api-swagger/page.html': '' });
    const find = (library: string) => () => assetPath(join(folder.path, 'dist'), library, 'other.css');
    expect(find('api-swagger')).toThrow(ServiceError);
    expect(find('api-swagger')).toThrow(/^Cannot find other.css of api-swagger at .*Install the packages or build/);
    expect(find('database')).toThrow(/^Cannot find the assets of database: there is no assets\/database in /);
  });
});

describe('from source', () => {
  const manifest = (assets?: string[]) =>
    JSON.stringify({ name: '@org/api-swagger', nx: { metadata: { ...(assets && { assets }) } } });
  const layout = {
    'libs/api-swagger/package.json': manifest([
      'assets/page.html',
      'npm:ui-dist/ui.css',
      'npm:@scope/own/deep/own.css',
      'npm:ui-dist/gone.css',
    ]),
    'libs/api-swagger/src/pages/page.ts': '',
    'libs/api-swagger/assets/page.html': '',
    'node_modules/ui-dist/package.json': JSON.stringify({ name: 'ui-dist', exports: './index.js' }),
    'node_modules/ui-dist/ui.css': '',
    'libs/api-swagger/node_modules/@scope/own/deep/own.css': '',
  };

  test.each([
    ['page.html', 'libs/api-swagger/assets/page.html'],
    ['ui.css', 'node_modules/ui-dist/ui.css'],
    ['own.css', 'libs/api-swagger/node_modules/@scope/own/deep/own.css'],
  ])('%s is where the manifest of the library says', async (file, path) => {
    await using folder = await folderWith(layout);
    const directory = join(folder.path, 'libs/api-swagger/src/pages');
    expect(assetPath(directory, 'api-swagger', file)).toBe(join(folder.path, path));
  });

  test('an asset that is declared but missing is an error', async () => {
    await using folder = await folderWith(layout);
    const find = () => assetPath(join(folder.path, 'libs/api-swagger/src'), 'api-swagger', 'gone.css');
    expect(find).toThrow(/^Cannot find gone.css of api-swagger at .*\/node_modules\/ui-dist\/gone.css/);
  });

  test.each([
    [['a/page.html', 'npm:x/y.css'], 'it declares page.html, y.css'],
    [undefined, 'it declares nothing'],
  ])('an asset that nobody declares is misuse: %#', async (assets, names) => {
    await using folder = await folderWith({ 'package.json': manifest(assets) });
    const find = () => assetPath(folder.path, 'api-swagger', 'other.css');
    expect(find).toThrow(
      new TypeError(`Expected \`file\` to be an asset of api-swagger (${names}), got \`other.css\``),
    );
  });
});
