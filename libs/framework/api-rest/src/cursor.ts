import { hash } from 'node:crypto';
import { ServiceError } from '@org/errors';
import type * as z from 'zod';
import type { RequestViolation } from './input.ts';

const checksumLength = 8;

/** One page of a list, as `cursorPage` of the contract describes it. */
export interface Page<Item> {
  readonly items: Item[];
  readonly nextCursor?: string;
}

/**
 * Writes a position in a list, plain JSON, as an opaque text for clients to send back. It is not encrypted: put nothing
 * in it that the client may not know.
 */
export function encodeCursor(position: unknown): string {
  const text = Buffer.from(JSON.stringify(position)).toString('base64url');
  return checksum(text) + text;
}

/**
 * Reads a position that `encodeCursor` wrote; `undefined` for none. The checksum finds what was damaged or made up by
 * hand; it is no signature, so the schema must allow only positions that any caller may ask for.
 *
 * @throws {ServiceError} invalid_argument, CURSOR_INVALID
 */
export function decodeCursor<Position>(cursor: string | undefined, schema: z.ZodType<Position>): Position | undefined {
  if (cursor === undefined) return undefined;
  const text = cursor.slice(checksumLength);
  if (cursor.slice(0, checksumLength) !== checksum(text)) throw invalidCursor();
  const { success, data } = schema.safeParse(parse(text));
  if (!success) throw invalidCursor();
  return data;
}

/**
 * Makes a page of rows of which one more than `limit` was asked for: whether it is there says whether there is more.
 *
 * @param position The position behind a row, as `decodeCursor` is to give it back.
 */
export function toPage<Item>(rows: readonly Item[], limit: number, position: (last: Item) => unknown): Page<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return rows.length > limit && last !== undefined ? { items, nextCursor: encodeCursor(position(last)) } : { items };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    throw invalidCursor();
  }
}

function checksum(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, checksumLength);
}

function invalidCursor(): ServiceError {
  const detail = 'Not a cursor of this list. Send `nextCursor` as it came, or none for the first page';
  const violations: RequestViolation[] = [{ in: 'query', pointer: '/cursor', detail }];
  return new ServiceError('invalid_argument', `The cursor is not valid. ${detail}`, {
    reason: 'CURSOR_INVALID',
    details: { violations },
  });
}
