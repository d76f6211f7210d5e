import { join } from 'node:path';
import { runReadme } from '@org/testing';
import { expect, test } from 'vitest';

test('the example of the README runs', async () => {
  expect(await runReadme(join(import.meta.dirname, '..'))).toBe(
    "/orders [ 'post' ]\n[ 'publish.orders.order.placed.v1' ]\n",
  );
});
