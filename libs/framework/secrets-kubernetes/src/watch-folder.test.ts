import { beforeEach, expect, test, vi } from 'vitest';
import type * as fs from 'node:fs';
import { join } from 'node:path';
import { createManualClock, kubeletVolume, waitFor } from '@org/testing';
import { openVolumes } from '../test-fixtures/open-volumes.ts';

const refused = vi.hoisted(() => ({ code: '' }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const watch = (...given: Parameters<typeof real.watch>) => {
    if (refused.code) throw Object.assign(new Error('no'), { code: refused.code });
    return real.watch(...given);
  };
  return { ...real, watch };
});
beforeEach(() => void (refused.code = ''));

test('where the system watches no more, volumes are looked at every thirty seconds, and that is told once', async () => {
  refused.code = 'ENOSPC';
  const clock = createManualClock();
  await using opened = await openVolumes({ clock });
  const volumes = [await kubeletVolume(join(opened.root, 'a')), await kubeletVolume(join(opened.root, 'b'))];
  for (const volume of volumes) await volume.write({ password: 'one' });
  const secrets = [await opened.read('kubernetes:a/password'), await opened.read('kubernetes:b/password')];
  for (const volume of volumes) await volume.write({ password: 'two' });
  await clock.advance(26_000);
  expect(secrets.map((secret) => secret.reveal())).toEqual(['one', 'one']);
  await clock.advance(4_000);
  await waitFor(() => secrets.every((secret) => secret.reveal() === 'two'), { what: 'the look' });
  expect(opened.messages('warn')).toEqual([
    `Changes below ${opened.root} are not told of (ENOSPC): volumes are read every 30 s`,
  ]);
});
