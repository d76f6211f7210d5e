import { describe, expect, onTestFinished, test } from 'vitest';
import { formatNames, type FormatName } from './formats.ts';
import { openLogging } from './open-logging.ts';

const service = { name: 'orders', version: '1.2.3' };

type Line = Record<string, unknown>;

async function openAs(format: FormatName) {
  const written: string[] = [];
  const destination = { write: (text: string) => written.push(text) };
  const logging = await openLogging({ level: 'trace', format }, { service, destination });
  onTestFinished(() => logging[Symbol.asyncDispose]());
  return { logger: logging.logger, written, text: () => written.join('') };
}

const parse = (text: string) => JSON.parse(text) as Line;

// What could begin a line, act on a terminal or turn a text around: controls (C0, DEL, C1), separators, directions.
const dangerous = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;
const everyCharacter = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));
const attack = `a\n{"level":"fatal"}\r\u001b[2J\u0000\u0007\u0085\u009b31m\u2028\u2029\u202e\u2066\u007f\ud800 end`;

describe.each(formatNames)('whatever it is given, %s', (format) => {
  test('writes no character that forges lines or acts on a terminal, and well-formed text', async () => {
    const { logger, written } = await openAs(format);
    const error = Object.assign(new Error(attack), { code: attack, cause: new Error(attack) });
    const named = logger.named(attack).child({ [attack]: attack });
    named.error({ [`x${attack}`]: attack, nested: { [attack]: [attack] }, err: error, request_id: attack }, attack);
    named.info({ plain: 1, trace_id: attack, span_id: attack }, attack);
    named.warn({ err: attack }, attack);
    for (let code = 0; code < 0x10000; code += 64) {
      const text = everyCharacter.slice(code, code + 64).join('');
      logger.info({ [text]: text }, text);
    }
    for (const text of written) {
      expect(text.isWellFormed()).toBe(true);
      expect(text).not.toMatch(dangerous);
      const [, ...more] = text.slice(0, -1).split('\n');
      expect(text.endsWith('\n')).toBe(true);
      // Only an error for people has more lines, and none of them begins as a line of the log does.
      if (format !== 'pretty') expect(more).toEqual([]);
      expect(more.every((line) => line.startsWith('    '))).toBe(true);
    }
  });

  test('keeps the texts: quotes, backslashes, other alphabets and emoji', async () => {
    const { logger, text } = await openAs(format);
    const value = 'C:\\x "quoted" žluťoučký 日本語 🙂';
    logger.info({ a_value: value }, value);
    if (format === 'pretty') expect(text()).toContain(`INFO: ${value} {"a_value":${JSON.stringify(value)}}`);
    else if (format === 'logfmt')
      expect(text()).toContain(`a_value=${JSON.stringify(value)} msg=${JSON.stringify(value)}`);
    else expect(text().split(JSON.stringify(value))).toHaveLength(3);
  });
});

/** Values that a line is hardly made of. */
function hostileValues(): [what: string, value: unknown][] {
  const circular: Line = { a: 1 };
  circular.self = circular;
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  const fail = () => {
    throw new Error('no');
  };
  let reads = 0;
  const changing = new Proxy({ a: 1 }, { get: () => ((reads += 1) % 2 === 1 ? 'text' : { big: 1n }) });
  let deep: unknown = 'end';
  for (let depth = 0; depth < 10_000; depth += 1) deep = [deep];
  return [
    ['a getter that throws', Object.defineProperty({}, 'x', { enumerable: true, get: fail })],
    ['a toJSON that throws', { a: { toJSON: fail } }],
    ['a toJSON of its own that throws', { toJSON: fail, a: 1 }],
    ['a toJSON that returns itself', { a: { toJSON: () => circular } }],
    ['a circle', circular],
    ['a BigInt', { a: 10n ** 50n }],
    ['a symbol', { a: Symbol('s'), [Symbol('name')]: 1 }],
    ['a function', { a: fail, b: class {} }],
    ['numbers that JSON has not', { a: NaN, b: -Infinity, c: -0 }],
    ['a proxy whose traps throw', new Proxy({}, { get: fail, ownKeys: fail, getPrototypeOf: fail, has: fail })],
    ['a proxy that fails at second sight', changing],
    ['a revoked proxy', revoked],
    ['a revoked proxy in a field', { a: revoked }],
    ['names of the prototype', JSON.parse('{"__proto__":{"a":1},"constructor":1,"toString":2,"hasOwnProperty":3}')],
    [
      'names that lines have',
      Object.fromEntries(
        ['level', 'msg', 'time', 'severity', 'message', '@timestamp', 'labels', 'err', 'logger', 'trace_id'].map(
          (name) => [name, { [name]: 1 }],
        ),
      ),
    ],
    ['a huge text', { a: 'x'.repeat(1_000_000) }],
    ['a huge list', { a: Array.from({ length: 100_000 }, (_, index) => index) }],
    ['many fields', Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`n${index}`, index]))],
    ['deep nesting', { a: deep }],
    ['a list', [1, 2, 3]],
    ['an error that is frozen and has no stack', Object.freeze(Object.assign(new Error('x'), { stack: undefined }))],
    ['an error whose parts are objects', { err: Object.assign(new Error('x'), { name: {}, message: [1], stack: {} }) }],
    ['an error that causes itself', { err: Object.assign(new Error('x'), circular) }],
    ['an err that is nothing', { err: null }],
    [
      'a Map, a Set, a Date and bytes',
      { a: new Map([[{}, 1]]), b: new Set([1]), c: new Date(NaN), d: new Uint8Array(9) },
    ],
    ['undefined', { a: undefined }],
    ['no fields', {}],
    ['a number', 7],
    ['null', null],
  ];
}

// A repeatable stream of numbers from 0 to below 1 (mulberry32), so that a failure comes again.
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function randomText(next: () => number): string {
  const alphabets = ['abc', ' ="\\', '\n\r\t\u001b', 'äß€日', '🙂', '\ud800\udc00\udfff', '_.:/?@&', 'level msg time'];
  const pick = () => alphabets[Math.floor(next() * alphabets.length)] as string;
  return Array.from({ length: Math.floor(next() * 8) }, () => {
    const alphabet = pick();
    return alphabet[Math.floor(next() * alphabet.length)];
  }).join('');
}

function randomValue(next: () => number, depth = 0): unknown {
  const kind = Math.floor(next() * (depth > 2 ? 5 : 8));
  if (kind === 0) return next() * 1e6;
  if (kind === 1) return next() < 0.5;
  if (kind === 2) return null;
  if (kind === 3) return undefined;
  if (kind === 4) return randomText(next);
  if (kind === 5) return Array.from({ length: 3 }, () => randomValue(next, depth + 1));
  if (kind === 6) return Object.assign(new Error(randomText(next)), { detail: randomText(next) });
  return randomFields(next, depth + 1);
}

function randomFields(next: () => number, depth = 0): Line {
  const count = Math.floor(next() * 6);
  return Object.fromEntries(Array.from({ length: count }, () => [randomText(next), randomValue(next, depth)]));
}

/** Names and values of a logfmt line, read as its definition says. */
function parseLogfmt(line: string): [name: string, value: string][] {
  const pair = /([^\s="]+)=("(?:[^"\\]|\\.)*"|[^\s"=]+)( |$)/y;
  const pairs: [string, string][] = [];
  while (pair.lastIndex < line.length) {
    const [, name, value] = pair.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`no pair at ${pair.lastIndex} of ${line}`);
    pairs.push([name, value.startsWith('"') ? (JSON.parse(value) as string) : value]);
  }
  return pairs;
}

/** How many names are in a text of JSON, those that come twice in one object included. */
function countNames(json: string): number {
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|:/g) ?? [];
  return tokens.filter((token) => token === ':').length;
}

describe.each(['json', 'gcp', 'ecs'] as const)('%s is one object of JSON a line', (format) => {
  const message = { json: 'msg', gcp: 'message', ecs: 'message' }[format];

  test.each(hostileValues())('given %s', async (_, value) => {
    const { logger, written } = await openAs(format);
    logger.info(value as Line, 'still said');
    logger.error({ a: value, err: value }, 'still said');
    logger.child(value as Line).warn('still said');
    expect(written).toHaveLength(3);
    for (const text of written) {
      expect(text.endsWith('}\n')).toBe(true);
      expect(text.indexOf('\n')).toBe(text.length - 1);
      expect(parse(text)[message]).toBe('still said');
      expect(text.length).toBeLessThan(400_000);
    }
  });

  test('given anything', async () => {
    const next = random(1);
    const { logger, written } = await openAs(format);
    for (let index = 0; index < 3_000; index += 1) {
      const said = randomText(next);
      logger.named(randomText(next)).child(randomFields(next)).info(randomFields(next), said);
      const text = written.at(-1) as string;
      expect(text.indexOf('\n')).toBe(text.length - 1);
      const line = parse(text);
      if (!/[:?]/.test(said)) expect(line[message]).toBe(said);
      // A name that came twice would be one name fewer after parsing.
      expect(countNames(JSON.stringify(line))).toBe(countNames(text));
    }
  });
});

describe('logfmt can be read back', () => {
  test.each(hostileValues())('given %s', async (_, value) => {
    const { logger, written } = await openAs('logfmt');
    logger.info(value as Line, 'still said');
    logger.error({ a: value, err: value }, 'still said');
    expect(written).toHaveLength(2);
    for (const text of written) expect(parseLogfmt(text.slice(0, -1)).at(-1)).toEqual(['msg', 'still said']);
  });

  test('given anything, with each name once', async () => {
    const next = random(2);
    const { logger, written } = await openAs('logfmt');
    for (let index = 0; index < 3_000; index += 1) {
      const said = randomText(next);
      const fields = randomFields(next);
      logger.named('x').info(fields, said);
      const pairs = parseLogfmt((written.at(-1) as string).slice(0, -1));
      const names = pairs.map(([name]) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(names.slice(0, 5)).toEqual(['level', 'time', 'service', 'version', 'logger']);
      if (!/[:?]/.test(said)) expect(pairs.at(-1)).toEqual(['msg', said]);
    }
  });
});
