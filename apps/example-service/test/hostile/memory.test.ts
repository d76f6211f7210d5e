import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseExposition } from './support/metrics.ts';
import { ask, order, orderHead, post } from './support/requests.ts';
import { openTarget, type Target } from './support/target.ts';

let target: Target;
beforeAll(async () => {
  // Whoever keeps a few kilobytes of each request does not come through this.
  target = await openTarget({ environment: { NODE_OPTIONS: '--max-old-space-size=96' } });
});
afterAll(() => target[Symbol.asyncDispose]());

const closing = ['Connection: close'];

/** The bytes of one connection, with hostile requests of many kinds; no two waves have any id or path in common. */
function connectionOf(wave: number, connection: number): Buffer {
  const requests = Array.from({ length: 100 }, (_, index) => {
    const id = `${wave}-${connection}-${index}`;
    const lines = [
      `X-Request-Id: ${id}`,
      `traceparent: 00-${Buffer.from(id.padStart(16, 'f')).toString('hex')}-${'b'.repeat(16)}-01`,
      `baggage: ${id}=${'b'.repeat(500)}`,
      `User-Agent: ${id}`,
    ];
    const kinds = [
      () => ask(`/nowhere/${id}`, lines),
      () => ask(`/orders/${id}`, lines),
      () => ask(`/orders?cursor=${id}`, lines),
      () => ask('/orders', lines, 'PROPFIND'),
      () => post(order.slice(0, 50), lines),
      () => post(`{"k${id}":${'['.repeat(500)}`, lines),
      () => post(JSON.stringify({ [`k${id}`]: 'x'.repeat(1_000) }), [...lines, `Idempotency-Key: ${id}`]),
      () => post('x=y', [...lines, 'Content-Type: application/x-www-form-urlencoded']),
      () => ask('/orders', [...lines, 'X-Request-Timeout: x']),
      () => ask('/orders', [...lines, 'Accept: text/html']),
    ];
    return Buffer.from(kinds[index % kinds.length]!() as string);
  });
  const ends = [
    ask('/nowhere', closing),
    'nonsense\r\n\r\n',
    `${orderHead}Content-Length: x\r\n\r\n`,
    ask('/', [`X: ${'x'.repeat(20_000)}`]),
  ];
  return Buffer.concat([...requests, Buffer.from(ends[connection % ends.length]!)]);
}

async function wave(number: number): Promise<number> {
  for (let from = 0; from < 50; from += 5) {
    const batch = Array.from({ length: 5 }, (_, index) => target.send(connectionOf(number, from + index)));
    for (const answers of await Promise.all(batch)) expect(answers.length).toBeGreaterThanOrEqual(100);
  }
  await target.serves();
  const samples = parseExposition(await target.exposition());
  const used = samples.filter(({ name }) => name === 'v8js_memory_heap_used' || name === 'v8js_memory_heap_used_bytes');
  expect(used.length).toBeGreaterThan(0);
  return used.reduce((sum, { value }) => sum + value, 0);
}

test('the second five thousand hostile requests need no more memory than the first', { timeout: 60_000 }, async () => {
  const first = await wave(1);
  const second = await wave(2);
  // What is not collected yet counts as well.
  expect(second - first).toBeLessThan(32 * 2 ** 20);
  await target.unharmed();
});
