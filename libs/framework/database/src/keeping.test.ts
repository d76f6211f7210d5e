import { expect, test } from 'vitest';
import { readKeeping } from './keeping.ts';

test('what nobody states is kept as long and as large as usual', () => {
  expect(readKeeping({ inbox: { keepMs: 1 } })).toEqual({
    outbox: { maximumBytes: 1_048_576 },
    inbox: { keepMs: 1 },
    idempotency: { keepMs: 86_400_000, maximumBytes: 1_048_576 },
  });
});

test.each([
  [{ inbox: { keepMs: 0 } }, 'inbox.keepMs'],
  [{ idempotency: { maximumBytes: 1.5 } }, 'idempotency.maximumBytes'],
  [{ outbox: { maximumBytes: Number.NaN } }, 'outbox.maximumBytes'],
])('%j is refused', (options, name) => {
  expect(() => readKeeping(options)).toThrow(new RegExp(`Expected \`${name}\` to be an integer from 1 up, got`));
});
