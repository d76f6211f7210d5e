import { createHash } from 'node:crypto';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { decodeCursor, encodeCursor, toPage } from './index.ts';

const position = z.tuple([z.iso.datetime(), z.uuid()]);
const somewhere: z.infer<typeof position> = ['2026-01-02T03:04:05Z', '6f9619ff-8b86-4d01-b42d-00cf4fc964ff'];

describe('a cursor', () => {
  test('gives back the position that was put into it, and none for none', () => {
    expect(decodeCursor(encodeCursor(somewhere), position)).toEqual(somewhere);
    expect(decodeCursor(undefined, position)).toBeUndefined();
  });

  test('is safe in a URL', () => {
    expect(encodeCursor({ text: 'ä?/+&=' })).toMatch(/^[\w-]+$/);
  });

  const cursor = encodeCursor(somewhere);
  const text = Buffer.from('{').toString('base64url');
  const summed = createHash('sha256').update(text).digest('base64url').slice(0, 8) + text;
  const damaged = [...cursor].map((letter, at) => [
    `letter ${at}`,
    `${cursor.slice(0, at)}${letter === 'A' ? 'B' : 'A'}${cursor.slice(at + 1)}`,
  ]);

  test.each([
    ['empty', ''],
    ['cut off', cursor.slice(0, -1)],
    ['too long', `${cursor}A`],
    ['no base64', '!!!'],
    ['made up', Buffer.from(JSON.stringify(somewhere)).toString('base64url')],
    ['no JSON, with a right sum', summed],
    ['of another list', encodeCursor(['a', 'b'])],
    ...damaged,
  ])('is refused when it is %s', (_, wrong) => {
    expect(() => decodeCursor(wrong, position)).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        reason: 'CURSOR_INVALID',
        details: { violations: [expect.objectContaining({ in: 'query', pointer: '/cursor' })] },
      }),
    );
  });
});

describe('a page', () => {
  test('has a cursor as long as there is more', () => {
    const page = toPage([1, 2, 3], 2, (last) => last);
    expect(page.items).toEqual([1, 2]);
    expect(decodeCursor(page.nextCursor, z.int())).toBe(2);
  });

  test.each([[[]], [[1]], [[1, 2]]])('has none when that was all: %j', (rows) => {
    expect(toPage(rows, 2, (last) => last)).toEqual({ items: rows });
  });
});
