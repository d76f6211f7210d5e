import { join } from 'node:path';
import { runReadme } from '@org/testing';
import { expect, test, vi } from 'vitest';
import { startMongoDouble } from '../test-fixtures/mongo-double.ts';

test('the example of the README runs', async () => {
  await using double = await startMongoDouble();
  vi.stubEnv('DOCUMENTS_URL', double.url);
  try {
    expect(await runReadme(join(import.meta.dirname, '..'))).toBe(
      "DUPLICATE_KEY carts_customer\n[ 'ann: engine wheel' ]\n",
    );
  } finally {
    vi.unstubAllEnvs();
  }
});
