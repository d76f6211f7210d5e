import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { kubeletVolume, skipUnless, startProcess } from '@org/testing';
import { expect, test } from 'vitest';
import { openVolumes } from '../test-fixtures/open-volumes.ts';
import { mountedBySubPath } from './mounts.ts';

/** As a kernel lists them: a whole volume, one file of another by `subPath`, and a folder of a third. */
const mountinfo = `
1 0 0:1 / / rw - overlay overlay rw
2 1 0:2 / /var/run/secrets/app/database ro,relatime - tmpfs tmpfs rw
3 1 0:3 /..2026_01_01_00_00_00.1/password /var/run/secrets/app/my\\040broker/password ro - tmpfs tmpfs rw
4 1 0:4 /..2026_01_01_00_00_00.2/tls /var/run/secrets/app/tls ro - tmpfs tmpfs rw
`;

test.each([
  ['a whole volume', 'database', []],
  ['one file', 'my broker', ['/var/run/secrets/app/my broker/password']],
  ['a folder', 'tls', ['/var/run/secrets/app/tls']],
  ['nothing', 'plain', []],
])('the kernel tells what is mounted by subPath: %s', (_, name, expected) => {
  expect(mountedBySubPath(mountinfo, `/var/run/secrets/app/${name}`, ['username', 'password'])).toEqual(expected);
});

test('a file that is mounted by subPath is warned of once', async (context) => {
  const unshare = ['unshare', '--mount', '--map-root-user'];
  const available = spawnSync(unshare[0]!, [...unshare.slice(1), 'true']).status === 0;
  skipUnless(context, available, { what: 'a namespace of mounts', get: 'run as root', obtainable: false });
  await using opened = await openVolumes();
  const volume = await kubeletVolume(join(opened.folder, 'volume'));
  await volume.write({ password: 'one' });
  const place = join(opened.folder, 'app/database');
  const script = `
    import { openVolumes } from ${JSON.stringify(join(import.meta.dirname, '../test-fixtures/open-volumes.ts'))};
    const opened = await openVolumes({ path: ${JSON.stringify(join(opened.folder, 'app'))} });
    for (const key of ['username', 'password']) await opened.read('kubernetes:database/' + key);
    opened.secrets[Symbol.asyncDispose]();
    console.log(JSON.stringify(opened.messages('warn')));`;
  const shell = `set -e
    mkdir -p ${place}; touch ${place}/password; echo orders > ${place}/username
    mount --bind ${opened.folder}/volume/..data/password ${place}/password
    exec ${process.execPath} --input-type=module --eval "$SCRIPT"`;
  await using reader = await startProcess(unshare[0]!, [...unshare.slice(1), 'sh', '-c', shell], {
    env: { ...process.env, SCRIPT: script },
  });
  expect(JSON.parse(await reader.line(/^\[/))).toEqual([
    `${place}/password: mounted by subPath, which never changes while the pod runs. Mount the whole volume at the folder, without \`subPath\``,
  ]);
});
