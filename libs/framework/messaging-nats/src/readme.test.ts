import { join } from 'node:path';
import { natsRequirement, runReadme, skipUnless, startNats } from '@org/testing';
import { expect, test, vi } from 'vitest';

test('the example of the README runs', async (context) => {
  await using server = await startNats();
  skipUnless(context, server !== undefined, natsRequirement);
  vi.stubEnv('BROKER_URL', server.url);
  try {
    expect(await runReadme(join(import.meta.dirname, '..'))).toBe('o1, attempt 2\n');
  } finally {
    vi.unstubAllEnvs();
  }
});
