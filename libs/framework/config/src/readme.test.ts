import { join } from 'node:path';
import { runReadme } from '@org/testing';
import { expect, test } from 'vitest';

test('the example of the README runs', async () => {
  expect(await runReadme(join(import.meta.dirname, '..'))).toBe(
    [
      "{ port: 8080, timeoutMs: 30000 } [ { variable: 'DATABASE_URL', reference: 'env:PG_URL' } ]",
      'postgres://orders:[secret]@db/orders 35',
      'Cannot read the configuration of orders, 1 fault:',
      '  DATABASE_URL: expected a URL with one of the protocols pglite:, postgres:, got nothing; production takes the embedded default, pglite:.data/orders, only when it is named',
      '  PROT is set, but nothing reads it: did you mean PORT?',
      '',
    ].join('\n'),
  );
});
