import { mkdir, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createManualClock, kubeletVolume, waitFor } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { openVolumes } from '../test-fixtures/open-volumes.ts';

/** Sooner than the files are looked at without being told of a change. */
const soon = { timeoutMs: 5_000 };

const pairOf = (number: number) => ({ username: `user-${number}`, password: `password-${number}` });

describe('a volume that the kubelet swaps', () => {
  test('is followed at each swap, with all keys at once, long before it is looked at by its age', async () => {
    await using opened = await openVolumes();
    const volume = await kubeletVolume(join(opened.root, 'database'));
    await volume.write(pairOf(0));
    const [pair, password] = [
      await opened.read('kubernetes:database'),
      await opened.read('kubernetes:database/password'),
    ];
    const seen: unknown[] = [];
    pair.onChange((value) => seen.push([value, password.reveal()]));
    for (const number of [1, 2, 3]) {
      await volume.write(pairOf(number));
      await waitFor(() => seen.length === number, { what: `swap ${number}`, ...soon });
    }
    expect(seen).toEqual([1, 2, 3].map((number) => [pairOf(number), `password-${number}`]));
    expect(pair.version).toMatch(/^\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.\d+$/);
    expect(opened.messages('error')).toEqual([]);
  });

  test('is read as a whole between the swap and the tidying up', async () => {
    await using opened = await openVolumes();
    const volume = await kubeletVolume(join(opened.root, 'tls'));
    await volume.write({ certificate: 'c1', key: 'k1' });
    const { swap, tidy } = await volume.steps({ certificate: 'c2', key: 'k2', authority: 'a2' });
    // What is written and not yet swapped is not in force.
    expect((await opened.read('kubernetes:tls')).reveal()).toEqual({ certificate: 'c1', key: 'k1' });
    await swap();
    const secret = await opened.read('kubernetes:tls');
    await waitFor(() => (secret.reveal() as Record<string, string>).key === 'k2', { what: 'the swap', ...soon });
    // The new key has no link of its own yet.
    expect(secret.reveal()).toEqual({ certificate: 'c2', key: 'k2', authority: 'a2' });
    await tidy();
    expect((await opened.read('kubernetes:tls/authority')).reveal()).toBe('a2');
  });

  test('is never read half while it is swapped without end', async () => {
    await using opened = await openVolumes();
    const volume = await kubeletVolume(join(opened.root, 'database'));
    await volume.write(pairOf(0));
    const pair = await opened.read('kubernetes:database');
    const seen = new Set<unknown>();
    pair.onChange((value) => seen.add(value));
    for (let number = 1; number <= 300; number += 1) await volume.write(pairOf(number));
    const last = () => (pair.reveal() as { username: string }).username === 'user-300';
    await waitFor(last, { what: 'the last swap', ...soon });
    for (const value of seen) {
      const { username, password } = value as Record<string, string>;
      expect(username!.replace('user', 'password')).toBe(password);
    }
    // On a busy machine none of several looks in a row finds the files at rest, which is told.
    const others = opened.messages('error').filter((message) => !message.includes('no two looks at them agree'));
    expect(others).toEqual([]);
  });

  test('may hold several Secrets in folders, projected by one volume', async () => {
    await using opened = await openVolumes();
    const volume = await kubeletVolume(opened.root);
    await volume.write({ 'database/password': 'one', 'token/token': 't1', 'vault-token': 'x' });
    const [password, token] = [
      await opened.read('kubernetes:database/password'),
      await opened.read('kubernetes:token/token'),
    ];
    await volume.write({ 'database/password': 'two', 'token/token': 't1' });
    await waitFor(() => password.reveal() === 'two', { what: 'the swap', ...soon });
    expect([token.reveal(), password.version]).toEqual(['t1', token.version]);
  });

  test('may hold the token of a service account, which is read again as it rotates', async () => {
    await using opened = await openVolumes();
    const volume = await kubeletVolume(join(opened.root, 'vault-token'));
    await volume.write({ token: 'eyJhbGciOiJSUzI1NiJ9.one' });
    const token = await opened.read('kubernetes:vault-token/token');
    await volume.write({ token: 'eyJhbGciOiJSUzI1NiJ9.two' });
    await waitFor(() => token.reveal() === 'eyJhbGciOiJSUzI1NiJ9.two', { what: 'the rotation', ...soon });
  });

  test('may go and come back under its name', async () => {
    await using opened = await openVolumes();
    const folder = join(opened.root, 'database');
    await (await kubeletVolume(folder)).write(pairOf(1));
    const password = await opened.read('kubernetes:database/password');
    await rm(folder, { recursive: true });
    await waitFor(() => opened.messages('error').length === 1, { what: 'the error', ...soon });
    expect(password.reveal()).toBe('password-1');
    const again = await kubeletVolume(folder);
    for (const number of [2, 3]) {
      await again.write(pairOf(number));
      await waitFor(() => password.reveal() === `password-${number}`, { what: `value ${number}`, ...soon });
    }
  });
});

describe('files that something else writes', () => {
  test('are followed as they are replaced and written over', async () => {
    await using opened = await openVolumes();
    await mkdir(join(opened.root, 'broker'));
    const file = join(opened.root, 'broker', 'password');
    await writeFile(file, 'one');
    const password = await opened.read('kubernetes:broker/password');
    await writeFile(file, 'two');
    await waitFor(() => password.reveal() === 'two', { what: 'what was written over', ...soon });
    await writeFile(`${opened.root}/new`, 'three');
    await rename(`${opened.root}/new`, file);
    await waitFor(() => password.reveal() === 'three', { what: 'what was replaced', ...soon });
    expect(Date.parse(password.version ?? '')).not.toBeNaN();
  });

  test('are looked at every thirty seconds where nothing tells of changes', async () => {
    const clock = createManualClock();
    await using opened = await openVolumes({ clock });
    await mkdir(join(opened.folder, 'elsewhere'));
    const place = join(opened.folder, 'elsewhere', 'password');
    await writeFile(place, 'one');
    await mkdir(join(opened.root, 'broker'));
    // A change behind a link is none of the folder that is watched.
    await symlink('../elsewhere/password', join(opened.root, 'broker', 'password'));
    const password = await opened.read('kubernetes:broker/password');
    await writeFile(place, 'two');
    await clock.advance(20_000);
    expect(password.reveal()).toBe('one');
    await clock.advance(10_000);
    await waitFor(() => password.reveal() === 'two', { what: 'the look' });
  });
});

describe('a file', () => {
  test('has the value that a variable with the suffix `_FILE` would have', async () => {
    await using opened = await openVolumes();
    await (
      await kubeletVolume(join(opened.root, 'odd'))
    ).write({ newlines: 'a\n\nb \n\r\n\n', bom: '\uFEFFa', blank: ' \n' });
    expect((await opened.read('kubernetes:odd')).reveal()).toEqual({ newlines: 'a\n\nb ', bom: '\uFEFFa', blank: ' ' });
  });

  test('that is no text is left out, and named once', async () => {
    await using opened = await openVolumes();
    const volume = await kubeletVolume(join(opened.root, 'tls'));
    await volume.write({ 'keystore.jks': Buffer.from([0xfe, 0xed, 0xfe, 0xed]), password: 'one' });
    const password = await opened.read('kubernetes:tls/password');
    await expect(opened.read('kubernetes:tls/keystore.jks')).rejects.toMatchObject({ reason: 'SECRET_KEY_MISSING' });
    await volume.write({ 'keystore.jks': Buffer.from([0xff]), password: 'two' });
    await waitFor(() => password.reveal() === 'two', { what: 'the swap', ...soon });
    expect(opened.messages('warn')).toEqual([`Files below ${opened.root}/tls are no UTF-8, and left out`]);
    expect(opened.logger.lines[0]?.fields).toMatchObject({ files: ['keystore.jks'] });
  });

  test.each<[string, Record<string, string>]>([
    ['is too large', { password: 'x', large: 'x'.repeat(1_048_577) }],
    ['is one of many that are too large together', { a: 'x'.repeat(600_000), b: 'x'.repeat(600_000) }],
    ['is one of too many', Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`k${index}`, 'x']))],
  ])('that %s is no secret', async (_, files) => {
    await using opened = await openVolumes();
    await (await kubeletVolume(join(opened.root, 'big'))).write(files);
    await expect(opened.read('kubernetes:big')).rejects.toMatchObject({
      reason: 'SECRET_UNUSABLE',
      message: expect.stringContaining('more than a Secret of Kubernetes may hold'),
    });
  });
});

describe('links', () => {
  test.each([
    ['of a name', async (root: string) => symlink('/etc', join(root, 'outside'))],
    [
      'of a file',
      async (root: string) => {
        await mkdir(join(root, 'outside'));
        await symlink('/etc/hostname', join(root, 'outside', 'hostname'));
      },
    ],
    [
      'of a generation',
      async (root: string) => {
        await mkdir(join(root, 'outside'));
        await symlink('/etc', join(root, 'outside', '..data'));
      },
    ],
    [
      'of a file in a generation',
      async (root: string) => {
        const volume = await kubeletVolume(join(root, 'outside'));
        await volume.write({ password: 'x' });
        await symlink('/etc/hostname', join(await realpath(join(root, 'outside', '..data')), 'hostname'));
      },
    ],
  ])('%s that lead out of the folder of secrets are refused', async (_, link) => {
    await using opened = await openVolumes();
    await link(opened.root);
    const hostname = (await readFile('/etc/hostname', 'utf8')).trim();
    const error: unknown = await opened.read('kubernetes:outside/hostname').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      reason: 'SECRET_DENIED',
      message: expect.stringContaining('a symbolic link leads out'),
    });
    expect(JSON.stringify(error)).not.toContain(`"${hostname}"`);
  });

  test('to a root elsewhere are followed', async () => {
    await using opened = await openVolumes();
    await mkdir(join(opened.folder, 'real'));
    await symlink('real', join(opened.folder, 'link'));
    await (await kubeletVolume(join(opened.folder, 'real', 'database'))).write(pairOf(1));
    await using linked = await openVolumes({ path: join(opened.folder, 'link') });
    expect((await linked.read('kubernetes:database/username')).reveal()).toBe('user-1');
  });
});

test('a store leaves no watch behind', async () => {
  const opened = await openVolumes();
  const volume = await kubeletVolume(join(opened.root, 'database'));
  await volume.write(pairOf(1));
  const password = await opened.read('kubernetes:database/password');
  await opened.secrets[Symbol.asyncDispose]();
  await volume.write(pairOf(2));
  expect(process.getActiveResourcesInfo().filter((name) => name.includes('FSEvent'))).toEqual([]);
  expect(password.reveal()).toBe('password-1');
  await opened[Symbol.asyncDispose]();
});
