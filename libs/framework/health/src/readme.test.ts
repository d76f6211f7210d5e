import { join } from 'node:path';
import { runReadme } from '@org/testing';
import { expect, test } from 'vitest';

test('the example of the README runs', async () => {
  expect(await runReadme(join(import.meta.dirname, '..'))).toBe(
    [
      'failed waiting for database',
      'warn: The check cache failed: ECONNREFUSED',
      'degraded {"database":"ok","cache":"degraded"}',
      'ok',
      'failed stopping: SIGTERM',
      '',
    ].join('\n'),
  );
});
