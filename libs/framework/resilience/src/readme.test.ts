import { join } from 'node:path';
import { runReadme } from '@org/testing';
import { expect, test } from 'vitest';

test('the example of the README runs', async () => {
  const lines = ['found by attempt 2', 'The geocoder is broken', ...Array.from({ length: 4 }, () => 'CIRCUIT_OPEN')];
  expect(await runReadme(join(import.meta.dirname, '..'))).toBe(`${lines.join('\n')}\n`);
});
