import { join } from 'node:path';
import { runReadme } from '@org/testing';
import { expect, test } from 'vitest';

test('the examples of the README run', async () => {
  expect(await runReadme(join(import.meta.dirname, '..'))).toBe('UNIQUE_VIOLATION\no1 1300 2, o2 1 1, o3 2 1\n3\n');
});
