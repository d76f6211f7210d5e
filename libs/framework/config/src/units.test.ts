import { expect, test } from 'vitest';
import { metaOf, parseWith } from './schema.ts';
import { duration, size } from './units.ts';

test.each([
  ['250ms', 250],
  ['5s', 5_000],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['0s', 0],
  ['2147483647ms', 2_147_483_647],
  ['596h', 2_145_600_000],
])('the duration %s is %i milliseconds', (text, value) => {
  expect(parseWith(duration(), text)).toEqual({ value });
});

test.each([
  '',
  '5',
  's',
  '5 s',
  '1.5s',
  '-1s',
  '+1s',
  '05s',
  '1e3ms',
  '5S',
  '5sec',
  '1d',
  '1m30s',
  '5s\n',
  '٥s',
  '1μs',
])('the duration %j is refused', (text) => {
  expect(parseWith(duration(), text)).toBeUndefined();
});

test.each(['2147483648ms', '597h', '99999999999999999999h'])(
  'the duration %s is refused, since no timer can wait so long',
  (text) => {
    expect(parseWith(duration(), text)).toBeUndefined();
  },
);

test.each([
  ['512B', 512],
  ['64KiB', 65_536],
  ['1MiB', 1_048_576],
  ['1GiB', 1_073_741_824],
  ['0B', 0],
])('the size %s is %i bytes', (text, value) => {
  expect(parseWith(size(), text)).toEqual({ value });
});

test.each(['', '1', '1KB', '1kib', '1 MiB', '0.5MiB', '-1B', '01B', '1TiB', '99999999999GiB', 'constructor'])(
  'the size %j is refused',
  (text) => {
    expect(parseWith(size(), text)).toBeUndefined();
  },
);

test('limits hold and are told', () => {
  const schema = duration({ min: '1s', max: '1m' });
  expect(metaOf(schema).expected).toBe('a duration such as 250ms, 5s, 2m or 1h, at least 1s, at most 1m');
  expect(['999ms', '1s', '60s', '60001ms'].map((text) => parseWith(schema, text)?.value)).toEqual([
    undefined,
    1_000,
    60_000,
    undefined,
  ]);
  expect(metaOf(size({ max: '1MiB' })).expected).toBe('a size such as 512B, 64KiB, 1MiB or 1GiB, at most 1MiB');
});

test.each([() => duration({ min: '1' }), () => duration({ max: '25d' }), () => size({ min: '1s' })])(
  'a limit in another notation is misuse: %#',
  (make) => {
    expect(make).toThrow(TypeError);
  },
);
