import { describe, expect, test } from 'vitest';
import { createGenerator } from '../test-fixtures/generate.ts';
import { harmIn } from './harm-in.ts';

const harmOf = (text: string) => harmIn(JSON.parse(text), 3);

describe('harmIn', () => {
  test.each([
    '[[[]]]',
    '{"a":{"b":{}},"c":[[]]}',
    '[[],[],[],[],[]]',
    '"[[[["',
    'null',
    '[{"constructor":{}}]',
    '-1e-400',
  ])('finds none in %s', (text) => expect(harmOf(text)).toBeUndefined());

  test.each(['[[[[]]]]', '{"a":{"b":{"c":{}}}}', '[1e30,[[[{}]]]]'])('finds %s too deep', (text) =>
    expect(harmOf(text)).toBe('deep'),
  );

  test.each(['{"__proto__":1}', '[1e30,{"constructor":{"prototype":1}}]'])('finds the key in %s', (text) =>
    expect(harmOf(text)).toBe('key'),
  );

  test.each(['9007199254740992', '[-9007199254740992,1]', '{"a":1e400}'])('finds the number in %s', (text) =>
    expect(harmOf(text)).toBe('number'),
  );

  test('does not look into what says itself what it is in JSON', () => {
    const circular: Record<string, unknown> = { toJSON: () => 'text' };
    circular.self = circular;
    expect(harmIn([new Date(), circular], 3)).toBeUndefined();
  });

  test('counts the levels of any data', () => {
    const generator = createGenerator(5);
    for (let round = 0; round < 2_000; round += 1) {
      const data = generator.json(5);
      expect(harmIn(data, 3) === 'deep').toBe(depthOf(data) > 3);
    }
  });
});

function depthOf(data: unknown): number {
  if (typeof data !== 'object' || data === null) return 0;
  return 1 + Math.max(0, ...Object.values(data).map(depthOf));
}
