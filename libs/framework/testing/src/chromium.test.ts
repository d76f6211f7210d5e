import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findChromium } from './chromium.ts';
import { temporaryDirectory } from './temporary-directory.ts';

test('finds the first program by one of the known names in PATH', async () => {
  await using directory = await temporaryDirectory();
  const [first, second] = [join(directory.path, 'first'), join(directory.path, 'second')];
  await mkdir(join(first, 'chromium'), { recursive: true });
  await mkdir(second);
  await writeFile(join(first, 'chromium-browser'), 'not executable');
  await writeFile(join(second, 'google-chrome'), '#!/bin/sh');
  await chmod(join(second, 'google-chrome'), 0o755);
  expect(findChromium({ PATH: `:${first}:${second}` })).toBe(join(second, 'google-chrome'));
});

test('prefers what CHROMIUM names', () => {
  expect(findChromium({ CHROMIUM: process.execPath, PATH: '' })).toBe(process.execPath);
});

test.each([{}, { PATH: '' }, { PATH: '/nowhere', CHROMIUM: '/nowhere/chromium' }])(
  'finds none in %o',
  (environment) => {
    expect(findChromium(environment)).toBeUndefined();
  },
);
