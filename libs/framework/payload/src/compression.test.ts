import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { faultOf } from '../test-fixtures/fault-of.ts';
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
} from './index.ts';

const event = createEvent({ type: 't', source: '/s', data: 'x'.repeat(5_000), datacontenttype: 'text/plain' });
const compress = { aboveBytes: 1_000 };

describe('compression', () => {
  test.each([httpBinding, amqpBinding, natsBinding])('shrinks large bodies for $name, and is undone', (binding) => {
    const wire = encodeBinary(event, binding, { compress });
    expect(wire.headers['content-encoding']).toBe('gzip');
    expect(wire.body.length).toBeLessThan(200);
    expect(decodeMessage(wire, binding)).toEqual(event);
    expect(decodeMessage(encodeStructured(event, { compress }), binding)).toEqual(event);
    expect(decodeBatch(encodeBatch([event, event], { compress }), binding)).toEqual([event, event]);
  });

  test('leaves alone what is small, and what gzip makes no smaller', () => {
    const small = { ...event, data: 'x'.repeat(1_000) };
    expect(encodeBinary(small, httpBinding, { compress }).headers).not.toHaveProperty('content-encoding');
    const random = { ...event, datacontenttype: 'image/png', data: crypto.getRandomValues(new Uint8Array(5_000)) };
    expect(encodeBinary(random, httpBinding, { compress }).headers).not.toHaveProperty('content-encoding');
  });

  test('reads gzip by its other names', () => {
    const { headers, body } = encodeBinary(event, httpBinding, { compress });
    for (const encoding of ['GZIP', 'x-gzip', ' gzip ']) {
      const { 'content-encoding': _, ...others } = headers;
      expect(decodeMessage({ headers: { ...others, 'Content-Encoding': encoding }, body }, httpBinding)).toEqual(event);
    }
  });

  test('stops at the limit, long before the end of a bomb', () => {
    const { headers } = encodeBinary(event, httpBinding, { compress });
    const bomb = gzipSync(Buffer.alloc(200 * 1_024 * 1_024));
    const before = process.memoryUsage().arrayBuffers;
    expect(faultOf(() => decodeMessage({ headers, body: bomb }, httpBinding))).toBe(
      'invalid_argument PAYLOAD_TOO_LARGE',
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 1_024 * 1_024);
  });
});

describe('the limit', () => {
  test('is for the bytes without compression, on both sides, and to the byte', () => {
    const options = { compress, maximumBytes: 5_000 };
    const wire = encodeBinary(event, httpBinding, options);
    expect(decodeMessage(wire, httpBinding, options)).toEqual(event);
    const less = { compress, maximumBytes: 4_999 };
    expect(faultOf(() => encodeBinary(event, httpBinding, less))).toBe('invalid_argument PAYLOAD_TOO_LARGE');
    expect(faultOf(() => decodeMessage(wire, httpBinding, less))).toBe('invalid_argument PAYLOAD_TOO_LARGE');
    const plain = encodeBinary(event, httpBinding);
    expect(faultOf(() => decodeMessage(plain, httpBinding, less))).toBe('invalid_argument PAYLOAD_TOO_LARGE');
    expect(faultOf(() => decodeBatch(encodeBatch([event]), httpBinding, less))).toBe(
      'invalid_argument PAYLOAD_TOO_LARGE',
    );
  });

  test('is 1 MiB where none is given', () => {
    const large = { ...event, data: 'x'.repeat(1_048_577) };
    expect(faultOf(() => encodeBinary(large, httpBinding))).toBe('invalid_argument PAYLOAD_TOO_LARGE');
  });

  test('is a whole number', () => {
    expect(() => encodeBinary(event, httpBinding, { maximumBytes: 0 })).toThrow(RangeError);
    expect(() => decodeMessage(encodeBinary(event, httpBinding), httpBinding, { maximumDepth: 1.5 })).toThrow(
      RangeError,
    );
    expect(() => encodeBinary(event, httpBinding, { compress: { aboveBytes: -1 } })).toThrow(
      'Expected `compress.aboveBytes` to be an integer from 0 up, got `-1`',
    );
  });
});
