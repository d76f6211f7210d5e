import { join } from 'node:path';
import { runReadme } from '@org/testing';
import { expect, test } from 'vitest';

test('the example of the README runs', async () => {
  expect(await runReadme(join(import.meta.dirname, '..'))).toBe(
    `{ id: '7', quantity: 2 } 2\nunavailable CONNECTION_FAILED\n{ id: '8', quantity: 1 } 1\n`,
  );
});
