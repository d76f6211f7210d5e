import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { faultOf, secret } from '../test-fixtures/fault-of.ts';
import { createGenerator } from '../test-fixtures/generate.ts';
import {
  amqpBinding,
  createEvent,
  decodeBatch,
  decodeMessage,
  encodeBatch,
  encodeBinary,
  encodeStructured,
  httpBinding,
  natsBinding,
  type Binding,
} from './index.ts';
import { ServiceError } from '@org/errors';

const malformed = 'invalid_argument PAYLOAD_MALFORMED';
const unknown = 'invalid_argument PAYLOAD_ENCODING_UNKNOWN';

const http = {
  'ce-specversion': '1.0',
  'ce-id': '1',
  'ce-source': '/s',
  'ce-type': 't',
  'content-type': 'application/json',
};
const json = Buffer.from(JSON.stringify({ password: secret }));

/** Headers, in place of good ones, and a body that are refused in binary mode over HTTP. */
type Hostile = [name: string, headers: Record<string, unknown>, body: Buffer, fault: string];

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

const bodies: Hostile[] = [
  ['text that is said to be JSON', {}, Buffer.from(`password: ${secret}`), malformed],
  ['JSON that breaks off', {}, json.subarray(0, -1), malformed],
  ['JSON with something behind it', {}, Buffer.concat([json, json]), malformed],
  ['JSON behind a byte order mark', {}, Buffer.concat([Buffer.from('\ufeff'), json]), malformed],
  ['JSON that is not UTF-8', {}, Buffer.concat([json, Buffer.from([0xff])]), malformed],
  ['JSON in UTF-16', {}, Buffer.from(json.toString(), 'utf16le'), malformed],
  ['JSON that is said to be UTF-16', { 'content-type': 'application/json; charset=utf-16' }, json, unknown],
  ['text that is not UTF-8', { 'content-type': 'text/plain' }, Buffer.from([0xc0, 0xa0]), malformed],
  ['text that is said to be Latin-1', { 'content-type': 'text/plain; charset=iso-8859-1' }, json, unknown],
  ['a content type that is none', { 'content-type': secret }, json, malformed],
  ['a content type with a line break', { 'content-type': 'application/json\r\nx: y' }, json, malformed],
  ['two charsets', { 'content-type': 'application/json; charset=utf-8; charset=utf-16' }, json, malformed],
  ['JSON that is said to be gzip', { 'content-encoding': 'gzip' }, json, malformed],
  ['gzip that nobody says it is', {}, gzipSync(json), malformed],
  ['gzip that breaks off', { 'content-encoding': 'gzip' }, gzipSync(json).subarray(0, -9), malformed],
  ['gzip whose checksum is wrong', { 'content-encoding': 'gzip' }, broken(gzipSync(json)), malformed],
  ['nothing that is said to be gzip', { 'content-encoding': 'gzip' }, Buffer.alloc(0), malformed],
  ['an encoding that is not read', { 'content-encoding': 'br' }, json, unknown],
  ['two encodings', { 'content-encoding': 'gzip, gzip' }, gzipSync(gzipSync(json)), unknown],
  ['an encoding that is no text', { 'content-encoding': 7 }, json, unknown],
  ['arrays nested without end', {}, Buffer.from(nested(100_000)), malformed],
  ['arrays nested one too deep', {}, Buffer.from(nested(65)), malformed],
  ['objects nested without end', {}, Buffer.from('{"a":'.repeat(50_000)), malformed],
  ['the key __proto__', {}, Buffer.from(`{"a":[{"__proto__":{"isAdmin":"${secret}"}}]}`), malformed],
  ['the key __proto__ in disguise', {}, Buffer.from('{"\\u005f_pr\\u006Fto__":{"isAdmin":true}}'), malformed],
  ['the key constructor.prototype', {}, Buffer.from('{"constructor":{"prototype":{"isAdmin":true}}}'), malformed],
  ['the same in disguise', {}, Buffer.from('{"c\\u006fnstructor":{"pr\\u006ftotype":1}}'), malformed],
  ['a number past all others', {}, Buffer.from('{"n":1e400}'), malformed],
  ['a number past all others, below', {}, Buffer.from('[-12.5E+9999]'), malformed],
  ['a number of 400 digits', {}, Buffer.from(`[${'9'.repeat(400)}]`), malformed],
  ['an integer that would come out as another', {}, Buffer.from('9007199254740993'), malformed],
];

const headers: Hostile[] = [
  ...['specversion', 'id', 'source', 'type'].flatMap((name): Hostile[] => [
    [`no ${name}`, { [`ce-${name}`]: undefined }, json, malformed],
    [`an empty ${name}`, { [`ce-${name}`]: '' }, json, malformed],
    [`two of ${name}`, { [`ce-${name}`]: ['1.0', '1.0'] }, json, malformed],
    [`${name} in two cases`, { [`CE-${name}`]: '1.0' }, json, malformed],
    [`${name} as an object`, { [`ce-${name}`]: { secret } }, json, malformed],
  ]),
  ['specversion 0.3', { 'ce-specversion': '0.3' }, json, malformed],
  ['specversion 1.1', { 'ce-specversion': '1.1' }, json, malformed],
  ['two content types', { 'Content-Type': 'text/plain' }, json, malformed],
  ['datacontenttype beside the content type', { 'ce-datacontenttype': 'text/plain' }, json, malformed],
  ['an attribute called data', { 'ce-data': secret }, json, malformed],
  ['escapes that are not UTF-8', { 'ce-subject': '%C0%A0' }, json, malformed],
  ['an escaped line break', { 'ce-subject': `${secret}%0d%0ax: y` }, json, malformed],
  ['an escaped NUL', { 'ce-id': '%00' }, json, malformed],
  ['a time that is none', { 'ce-time': secret }, json, malformed],
  ['a 13th month', { 'ce-time': '2026-13-01T00:00:00Z' }, json, malformed],
  ['an integer of 33 bits', { 'ce-count': 2 ** 31 }, json, malformed],
  ['a fraction', { 'ce-count': 0.5 }, json, malformed],
  ['a number that is none', { 'ce-count': NaN }, json, malformed],
  ['a date that is none', { 'ce-time': new Date(NaN) }, json, malformed],
  ['another format of events', { 'content-type': 'application/cloudevents+avro' }, json, unknown],
  ['an event in UTF-16', { 'content-type': 'application/cloudevents+json; charset=utf-16' }, json, unknown],
  ['a batch', { 'content-type': 'application/cloudevents-batch+json' }, Buffer.from('[]'), malformed],
];

describe('a message is refused that has', () => {
  test.each([...bodies, ...headers])('%s', (_, hostile, body, fault) => {
    expect(faultOf(() => decodeMessage({ headers: { ...http, ...hostile }, body }, httpBinding))).toBe(fault);
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
  });

  test.each([
    ['two prefixes', amqpBinding, { 'cloudEvents:id': '1', cloudEvents_id: '1' }],
    ['`partitionkey` as a number', amqpBinding, { 'cloudEvents:partitionkey': 5 }],
    ['a table', amqpBinding, { 'cloudEvents:trip': { a: 1 } }],
    [
      'two content types',
      natsBinding,
      { 'content-type': 'text/plain', 'ce-datacontenttype': ['text/plain', 'text/csv'] },
    ],
  ] as [string, Binding, Record<string, unknown>][])('%s', (_, binding, hostile) => {
    const wire = encodeBinary(createEvent({ type: 't', source: '/s', id: '1', data: 1 }), binding);
    expect(faultOf(() => decodeMessage({ ...wire, headers: { ...wire.headers, ...hostile } }, binding))).toBe(
      malformed,
    );
  });

  test('no headers at all', () => {
    expect(faultOf(() => decodeMessage({ headers: {}, body: json }, httpBinding))).toBe(malformed);
    expect(faultOf(() => decodeMessage({ headers: {}, body: json }, natsBinding))).toBe(malformed);
    expect(faultOf(() => decodeMessage({ headers: {}, body: Buffer.alloc(0) }, natsBinding))).toBe(malformed);
  });
});

describe('a structured message is refused that has', () => {
  const good = { specversion: '1.0', id: '1', source: '/s', type: 't' };
  const cases: [string, unknown][] = [
    ['no event', null],
    ['text', secret],
    ['a list', [good]],
    ['no id', { ...good, id: undefined }],
    ['a null for its type', { ...good, type: null }],
    ['specversion 0.3', { ...good, specversion: '0.3' }],
    ['specversion as a number', { ...good, specversion: 1 }],
    ['an object for a subject', { ...good, subject: { secret } }],
    ['a list for an extension', { ...good, trip: [secret] }],
    ['an integer of 33 bits', { ...good, count: 2 ** 31 }],
    ['a fraction', { ...good, count: 0.1 }],
    ['a line break', { ...good, subject: `${secret}\n` }],
    ['data twice', { ...good, data: 1, data_base64: 'YWJj' }],
    ['base64 that is none', { ...good, data_base64: `${secret}!` }],
    ['base64 without its end', { ...good, data_base64: 'YWJ' }],
    ['base64 that is no text', { ...good, data_base64: 7 }],
    ['an object that is said to be text', { ...good, datacontenttype: 'text/plain', data: { secret } }],
    ['an object that is said to be an image', { ...good, datacontenttype: 'image/png', data: { secret } }],
    ['base64 of what is no JSON', { ...good, datacontenttype: 'application/json', data_base64: btoa(secret) }],
    ['a content type that is none', { ...good, datacontenttype: secret, data: 1 }],
  ];
  test.each(cases)('%s', (_, value) => {
    const wire = {
      headers: { 'content-type': 'application/cloudevents+json' },
      body: Buffer.from(JSON.stringify(value)),
    };
    expect(faultOf(() => decodeMessage(wire, httpBinding))).toBe(malformed);
    const batch = {
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: Buffer.from(JSON.stringify([good, value])),
    };
    expect(faultOf(() => decodeBatch(batch, httpBinding))).toBe(malformed);
    expect(() => decodeBatch(batch, httpBinding)).toThrow(expect.objectContaining({ details: { index: 1 } }));
  });

  test('a batch that is no list, or that says it is none', () => {
    const wire = encodeStructured(createEvent({ type: 't', source: '/s' }));
    expect(faultOf(() => decodeBatch(wire, httpBinding))).toBe(malformed);
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    expect(faultOf(() => decodeBatch({ ...wire, headers }, httpBinding))).toBe(malformed);
  });
});

describe('an event is not written that has', () => {
  const good = createEvent({ type: 't', source: '/s', data: 1 });
  const circular: Record<string, unknown> = { secret };
  circular.self = circular;
  let endless: unknown = secret;
  for (let depth = 0; depth < 100_000; depth += 1) endless = [endless];
  const cases: [string, object][] = [
    ['no id', { id: undefined }],
    ['a subject of two lines', { subject: `${secret}\r\nx: y` }],
    ['a name that is none', { 'x\r\ny': 'z' }],
    ['an object for an extension', { trip: { secret } }],
    ['data in a circle', { data: circular }],
    ['data that JSON has no word for', { data: () => secret }],
    ['a bigint', { data: 1n }],
    ['data nested without end', { data: endless }],
    ['data nested one too deep', { data: JSON.parse(nested(65)) }],
    ['an integer that readers would take for another', { data: [2 ** 60] }],
    ['the same inside of what is too deep, or has such a key', { data: [2 ** 60, { ['__proto__']: 1 }] }],
    [
      'data that throws',
      {
        data: {
          get it() {
            throw new Error(secret);
          },
        },
      },
    ],
    ['the key __proto__', { data: JSON.parse('{"__proto__":1}') }],
    ['an object for text', { data: { secret }, datacontenttype: 'text/plain' }],
    ['an object for an image', { data: { secret }, datacontenttype: 'image/png' }],
    ['bytes of a type that is none', { data: Buffer.from(secret), datacontenttype: 'x' }],
  ];
  test.each(cases)('%s', (_, given) => {
    const event = { ...good, ...given };
    expect(faultOf(() => encodeBinary(event, httpBinding))).toBe(malformed);
    expect(faultOf(() => encodeStructured(event))).toBe(malformed);
    expect(faultOf(() => encodeBatch([event]))).toBe(malformed);
  });

  test('a charset that is not written', () => {
    const event = { ...good, data: 'x', datacontenttype: 'text/plain; charset=iso-8859-1' };
    expect(faultOf(() => encodeBinary(event, httpBinding))).toBe(unknown);
    expect(faultOf(() => encodeStructured(event))).toBe(unknown);
  });
});

test('what looks like harm and is none comes through', () => {
  const harmless = {
    text: '__proto__ \u0061 1e999 12345678901234567890',
    constructor: 'x',
    floats: [0.30000000000000004, 9007199254740991, -9007199254740991, 1e308, 1e21],
    escaped: '\\u0061 é',
    long: '"'.repeat(100_000),
    deep: JSON.parse(nested(63)),
  };
  const event = createEvent({ type: 't', source: '/s', data: harmless });
  expect(decodeMessage(encodeBinary(event, httpBinding), httpBinding)).toEqual(event);
  expect(decodeMessage(encodeStructured(event), httpBinding)).toEqual(event);
});

test('whatever is changed in a message, it is read or refused, and nothing else', () => {
  const generator = createGenerator(4);
  for (let round = 0; round < 3_000; round += 1) {
    const binding = [httpBinding, amqpBinding, natsBinding][generator.integer(3)]!;
    const event = generator.event();
    const compress = { aboveBytes: generator.integer(2) * 1_000 };
    const wire = generator.integer(2)
      ? encodeBinary(event, binding, { compress })
      : encodeStructured(event, { compress });
    const body = Buffer.from(wire.body);
    for (let change = generator.integer(4); change > 0 && body.length > 0; change -= 1) {
      body[generator.integer(body.length)] = generator.integer(256);
    }
    const names = Object.keys(wire.headers);
    const changed = {
      ...wire.headers,
      [names[generator.integer(names.length)]!]: [generator.text(), undefined, 7][generator.integer(3)],
    };
    try {
      decodeMessage(
        { headers: changed, body: generator.integer(3) ? body : body.subarray(generator.integer(9)) },
        binding,
      );
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(ServiceError);
    }
  }
});

function broken(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length - 6]! ^= 0xff;
  return copy;
}
