import { createEvent, type AttributeValue, type CloudEvent } from '../src/index.ts';

/** Makes random things, the same for the same seed. */
export interface Generator {
  integer(below: number): number;
  text(): string;
  json(depth?: number): unknown;
  bytes(): Buffer;
  event(): CloudEvent;
}

const letters = [
  'a',
  'Z',
  '7',
  ' ',
  '"',
  '%',
  '%41',
  '\\',
  '/',
  ':',
  '=',
  'é',
  '€',
  '漢',
  '😀',
  '\u{10fffd}',
  "'",
  '+',
  '~',
];

export function createGenerator(seed: number): Generator {
  let state = seed;
  // mulberry32
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (below: number) => Math.floor(random() * below);
  const pick = <Item>(items: readonly Item[]): Item => items[integer(items.length)]!;
  const text = () => Array.from({ length: integer(12) }, () => pick(letters)).join('');
  const bytes = () => Buffer.from(Array.from({ length: integer(40) }, () => integer(256)));
  const scalar = () =>
    pick([null, true, false, integer(1e9) - 5e8, random(), 2 ** 53 - 1, 1e300, text(), '', '\n\u0000\ud800']);
  const json = (depth = 3): unknown => {
    const kind = depth === 0 ? 0 : integer(3);
    if (kind === 1) return Array.from({ length: integer(4) }, () => json(depth - 1));
    if (kind === 2) return Object.fromEntries(Array.from({ length: integer(4) }, () => [text(), json(depth - 1)]));
    return scalar();
  };
  const extensions = (): Record<string, AttributeValue> => ({
    ...(integer(2) && { trip: text() }),
    ...(integer(2) && { count: integer(2 ** 32) - 2 ** 31 }),
    ...(integer(2) && { urgent: integer(2) === 1 }),
    ...(integer(2) && { constructor: 'own' }),
  });
  const event = () => {
    const content = pick([
      () => ({ data: json() }),
      () => ({ data: json(), datacontenttype: 'application/vnd.order+json; charset=utf-8' }),
      () => ({ data: text(), datacontenttype: 'text/plain' }),
      () => ({ data: bytes(), datacontenttype: 'application/octet-stream' }),
      () => ({}),
    ])();
    return createEvent<unknown>({
      type: `t.${text()}`,
      source: `/s/${encodeURIComponent(text())}`,
      id: `i${text()}`,
      ...(integer(2) && { subject: `s${text()}` }),
      ...(integer(2) && { key: `k${text()}` }),
      ...(integer(2) && { dataschema: 'https://example.com/schema' }),
      extensions: extensions(),
      ...content,
    });
  };
  return { integer, text, json, bytes, event };
}
