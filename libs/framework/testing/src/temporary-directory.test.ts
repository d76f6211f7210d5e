import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from './temporary-directory.ts';

test('the folder is empty and its own, and goes with all that is in it', async () => {
  let path: string;
  {
    await using directory = await temporaryDirectory();
    await using other = await temporaryDirectory();
    path = directory.path;
    expect(isAbsolute(path)).toBe(true);
    expect(other.path).not.toBe(path);
    await mkdir(join(path, 'a', 'b'), { recursive: true });
    await writeFile(join(path, 'a', 'b', 'file'), 'x');
  }
  expect(existsSync(path)).toBe(false);
});

test('disposing twice is no fault', async () => {
  const directory = await temporaryDirectory();
  await directory[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
  expect(existsSync(directory.path)).toBe(false);
});
