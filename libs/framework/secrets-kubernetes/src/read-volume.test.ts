import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kubeletVolume, temporaryDirectory } from '@org/testing';
import { beforeEach, expect, test, vi } from 'vitest';
import type * as finding from './find-folder.ts';
import { readVolume } from './read-volume.ts';

/** What happens right after the first time that a folder is found. */
const then = vi.hoisted(() => ({ happens: async () => {} }));
vi.mock('./find-folder.ts', async (original) => {
  const real = await original<typeof finding>();
  const findFolder = async (root: string, name: string) => {
    const found = await real.findFolder(root, name);
    const { happens } = then;
    then.happens = async () => {};
    await happens();
    return found;
  };
  return { ...real, findFolder };
});
beforeEach(() => void (then.happens = async () => {}));

const { signal } = new AbortController();

test('a generation that is being deleted while it is read is not taken for a whole one', async () => {
  await using folder = await temporaryDirectory();
  const volume = await kubeletVolume(join(folder.path, 'tls'));
  await volume.write({ certificate: 'c1', key: 'k1' });
  const old = await readVolume(folder.path, 'tls', signal);
  const { swap } = await volume.steps({ certificate: 'c2', key: 'k2' });
  then.happens = async () => {
    await swap();
    // The kubelet has come as far as this with the old folder.
    await rm(join(old.folder, 'certificate'));
  };
  expect((await readVolume(folder.path, 'tls', signal)).value).toEqual({ certificate: 'c2', key: 'k2' });
});

test('a generation that is gone before it is read is looked for again', async () => {
  await using folder = await temporaryDirectory();
  const volume = await kubeletVolume(join(folder.path, 'tls'));
  await volume.write({ key: 'k1' });
  then.happens = () => volume.write({ key: 'k2' });
  expect((await readVolume(folder.path, 'tls', signal)).value).toEqual({ key: 'k2' });
});

test('generations that are gone before they are read, one after the other, are not said to be missing', async () => {
  await using folder = await temporaryDirectory();
  const volume = await kubeletVolume(join(folder.path, 'tls'));
  await volume.write({ key: 'k1' });
  const swap = async () => {
    await volume.write({ key: 'next' });
    then.happens = swap;
  };
  then.happens = swap;
  await expect(readVolume(folder.path, 'tls', signal)).rejects.toMatchObject({ name: 'UnsettledError' });
});

test('a generation that is gone while its folder is looked for is looked for again', async () => {
  await using folder = await temporaryDirectory();
  const volume = await kubeletVolume(join(folder.path, 'tls'));
  await volume.write({ key: 'k1' });
  then.happens = async () => {
    throw Object.assign(new Error('ENOENT'), { code: 'ENOENT', path: join(folder.path, 'tls/..data') });
  };
  expect((await readVolume(folder.path, 'tls', signal)).value).toEqual({ key: 'k1' });
});

test('files without a kubelet are read until two looks agree, and given up when they never do', async () => {
  await using folder = await temporaryDirectory();
  const file = join(folder.path, 'broker', 'password');
  await mkdir(join(folder.path, 'broker'));
  await writeFile(file, 'one');
  then.happens = () => writeFile(file, 'two');
  expect((await readVolume(folder.path, 'broker', signal)).value).toEqual({ password: 'two' });

  let count = 0;
  const write = async () => {
    count += 1;
    await writeFile(file, 'x'.repeat(count));
    then.happens = write;
  };
  then.happens = write;
  await expect(readVolume(folder.path, 'broker', signal)).rejects.toMatchObject({ name: 'UnsettledError' });
});
