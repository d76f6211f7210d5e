import { join } from 'node:path';
import { runReadme } from '@org/testing';
import { expect, test } from 'vitest';

test('the example of the README runs', async () => {
  const lines = ['orders.order.placed.v1 o%207 25', "customer-1 { id: 'o 7', quantity: 2 }", 'PAYLOAD_MALFORMED'];
  expect(await runReadme(join(import.meta.dirname, '..'))).toBe(`${lines.join('\n')}\n`);
});
