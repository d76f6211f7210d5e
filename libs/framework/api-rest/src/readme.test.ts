import { join } from 'node:path';
import { runReadme } from '@org/testing';
import { expect, test } from 'vitest';

const directory = join(import.meta.dirname, '..');

test('the example of the README runs', async () => {
  expect(await runReadme(directory)).toBe('{"id":"7"}\n404 not_found ORDER_NOT_FOUND No order `8`\n');
});
