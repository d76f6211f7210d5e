import { readFile, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kubeletVolume } from './kubelet-volume.ts';
import { temporaryDirectory } from './temporary-directory.ts';

test('a swap puts all files of a volume in force at once', async () => {
  await using folder = await temporaryDirectory();
  const volume = await kubeletVolume(join(folder.path, 'database'));
  await volume.write({ username: 'u1', password: 'p1' });
  const read = (name: string) => readFile(join(volume.folder, name), 'utf8');
  expect(await Promise.all(['username', 'password'].map(read))).toEqual(['u1', 'p1']);
  expect(await readlink(join(volume.folder, 'password'))).toBe('..data/password');

  const { swap, tidy } = await volume.steps({ password: 'p2', 'deep/token': 't2' });
  expect(await read('password')).toBe('p1');
  await swap();
  expect(await read('password')).toBe('p2');
  await tidy();
  expect(await read('deep/token')).toBe('t2');
  const names = (await readdir(volume.folder)).sort();
  expect(names).toEqual([expect.stringMatching(/^\.\.\d{4}_/), '..data', 'deep', 'password']);
  expect(await readlink(join(volume.folder, '..data'))).toBe(names[0]);
});
