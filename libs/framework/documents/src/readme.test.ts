import { join } from 'node:path';
import { runReadme } from '@org/testing';
import { expect, test } from 'vitest';

test('the example of the README runs', async () => {
  expect(await runReadme(join(import.meta.dirname, '..'))).toBe(
    'DUPLICATE_KEY carts_customer\nann engine wheel\nbob wheel\n',
  );
});
