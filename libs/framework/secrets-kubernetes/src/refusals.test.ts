import { spawnSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kubeletVolume, startProcess } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { openVolumes } from '../test-fixtures/open-volumes.ts';
import { kubernetes } from './index.ts';

describe('a reference', () => {
  test.each([
    'kubernetes:../etc',
    'kubernetes:/etc/passwd',
    'kubernetes:..data/password',
    'kubernetes:database/../../etc',
    'kubernetes:database/..data',
    'kubernetes:./password',
    'kubernetes:database/.',
    'kubernetes:database/',
    'kubernetes:database//password',
    'kubernetes:a/b/c',
    'kubernetes:database#password',
    'kubernetes:database/pass%2Fword',
    'kubernetes:database\\password',
    `kubernetes:${'a'.repeat(254)}`,
  ])('such as %s is refused', async (reference) => {
    await using opened = await openVolumes();
    const error = (await opened.read(reference).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({ code: 'invalid_argument', reason: 'SECRET_REFERENCE_INVALID' });
    expect(error.message).toContain('expected `kubernetes:name/key`, or `kubernetes:name` for all keys');
  });

  test.each(['kubernetes:my.database-1/tls.crt', 'kubernetes:_x/.dockerconfigjson'])(
    'such as %s is taken',
    async (reference) => {
      await using opened = await openVolumes();
      const [name = '', key = ''] = reference.replace('kubernetes:', '').split('/');
      await (await kubeletVolume(join(opened.root, name))).write({ [key]: 'x' });
      expect((await opened.read(reference)).reveal()).toBe('x');
    },
  );
});

describe('what is not there', () => {
  test.each([
    [
      'a root',
      { path: '/nowhere/secrets' },
      'kubernetes:database/password',
      'SECRET_MISSING',
      /set KUBERNETES_SECRETS_PATH/,
    ],
    ['a name', {}, 'kubernetes:database/password', 'SECRET_MISSING', /Mount the volume there/],
    ['a key', {}, 'kubernetes:broker/gone', 'SECRET_KEY_MISSING', /it has no `gone`/],
    ['a value', {}, 'kubernetes:broker/empty', 'SECRET_UNUSABLE', /empty at `empty`/],
    ['a folder', {}, 'kubernetes:file/key', 'SECRET_UNUSABLE', /it is no folder/],
  ])('is told of at once: %s', async (_, options, reference, reason, message) => {
    await using opened = await openVolumes(options);
    await (await kubeletVolume(join(opened.folder, 'broker'))).write({ password: 'x', empty: '\n' });
    await writeFile(join(opened.folder, 'file'), 'x');
    await expect(opened.read(reference)).rejects.toMatchObject({ reason, message: expect.stringMatching(message) });
  });
});

test('pipes and folders beside the files are left out, and nothing waits for them', async () => {
  await using opened = await openVolumes();
  await mkdir(join(opened.root, 'broker', 'folder'), { recursive: true });
  await writeFile(join(opened.root, 'broker', 'password'), 'x');
  expect(spawnSync('mkfifo', [join(opened.root, 'broker', 'pipe')]).status).toBe(0);
  expect((await opened.read('kubernetes:broker')).reveal()).toEqual({ password: 'x' });
});

test('files that the process may not read are told of with the remedy', async () => {
  await using opened = await openVolumes();
  await chmod(opened.root, 0o755);
  const volume = await kubeletVolume(join(opened.root, 'database'));
  await volume.write({ password: 'hunter2' });
  await chmod(join(opened.root, 'database', 'password'), 0o000);
  // Root may read whatever is there: another user tries.
  const script = `
    import { openVolumes } from ${JSON.stringify(join(import.meta.dirname, '../test-fixtures/open-volumes.ts'))};
    const opened = await openVolumes({ path: ${JSON.stringify(opened.root)} });
    if (process.getuid() === 0) process.setuid(65534);
    const error = await opened.read('kubernetes:database/password').catch((thrown) => thrown);
    console.log(JSON.stringify(error));`;
  await using reader = await startProcess(process.execPath, ['--input-type=module', '--eval', script]);
  const line = await reader.line(/^\{/);
  expect(JSON.parse(line)).toEqual({
    code: 'permission_denied',
    reason: 'SECRET_DENIED',
    message: expect.stringMatching(/the user \d+ may not read all of it \(EACCES\)\. Set `fsGroup` of the pod/),
  });
});

test('the settings are an absolute path, and take no reference', () => {
  const { path } = kubernetes.settings.variables;
  expect([path.name, path.references]).toEqual(['KUBERNETES_SECRETS_PATH', false]);
  expect(path.defaultIn({ service: 'orders', production: true })).toBe('/var/run/secrets/app');
  expect(path.schema.safeParse('secrets').success).toBe(false);
});
