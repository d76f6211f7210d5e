import { defineOperation } from '@org/contract';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { json, problemOf, serve } from '../test-fixtures/serve.ts';
import { assertPreconditions, etagOf, implement, reply, weakEtag, type Validators } from './index.ts';

const thing = z.object({ id: z.string() });
const getThing = defineOperation({
  id: 'getThing',
  method: 'GET',
  path: '/thing',
  summary: 'The thing',
  success: { status: 200, description: 'The thing', body: thing },
});
const putThing = defineOperation({
  id: 'putThing',
  method: 'PUT',
  path: '/thing',
  summary: 'Put the thing',
  body: thing,
  success: { status: 200, description: 'The thing', body: thing },
});

const modified = 'Sat, 03 Jan 2026 10:00:00 GMT';
const later = 'Sat, 03 Jan 2026 10:00:01 GMT';
const earlier = 'Sat, 03 Jan 2026 09:59:59 GMT';

/** A thing that is read with these headers, and changed under its validators. */
function serveThing(headers: Record<string, string>, current?: Validators, options?: { required?: boolean }) {
  return serve([
    implement(getThing, () => reply({ headers: { 'cache-control': 'private', ...headers }, body: { id: 'a' } })),
    implement(putThing, ({ body }, exchange) => {
      assertPreconditions(exchange, current, options);
      return body;
    }),
  ]);
}

describe('a thing that is read', () => {
  const etag = { etag: '"7"' };
  const dated = { 'last-modified': modified };

  test.each<[string, Record<string, string>, Record<string, string>, number]>([
    ['the same tag', etag, { 'if-none-match': '"7"' }, 304],
    ['the same tag among others', etag, { 'if-none-match': '"a,b" , W/"c","7"' }, 304],
    ['the same tag, weak', etag, { 'if-none-match': 'W/"7"' }, 304],
    ['the same tag of a weak one', { etag: 'W/"7"' }, { 'if-none-match': '"7"' }, 304],
    ['any tag', etag, { 'if-none-match': '*' }, 304],
    ['the tag of a coding', etag, { 'if-none-match': '"7;gzip"' }, 304],
    ['another tag', etag, { 'if-none-match': '"8"' }, 200],
    ['a tag without its quotes', etag, { 'if-none-match': '7' }, 200],
    ['half a tag', etag, { 'if-none-match': '"7' }, 200],
    ['a tag where there is none', dated, { 'if-none-match': '"7"' }, 200],
    [
      'another tag and a date that would do',
      { ...etag, ...dated },
      { 'if-none-match': '"8"', 'if-modified-since': later },
      200,
    ],
    ['the date', dated, { 'if-modified-since': modified }, 304],
    ['a later date', dated, { 'if-modified-since': later }, 304],
    ['the date as RFC 850 has it', dated, { 'if-modified-since': 'Saturday, 03-Jan-26 10:00:00 GMT' }, 304],
    ['the date as C has it', dated, { 'if-modified-since': 'Sat Jan  3 10:00:00 2026' }, 304],
    ['an earlier date', dated, { 'if-modified-since': earlier }, 200],
    ['a date that is none', dated, { 'if-modified-since': '2026-01-03' }, 200],
    ['a day that there is not', dated, { 'if-modified-since': 'Sat, 99 Jan 2026 10:00:00 GMT' }, 200],
    ['a date where there is none', etag, { 'if-modified-since': later }, 200],
    ['If-Match of the same tag', etag, { 'if-match': '"7"' }, 200],
    ['If-Match of another', etag, { 'if-match': '"8"' }, 412],
    ['If-Match of a weak tag', { etag: 'W/"7"' }, { 'if-match': 'W/"7"' }, 412],
    ['If-Match before If-None-Match', etag, { 'if-match': '"7"', 'if-none-match': '"7"' }, 304],
    ['If-Unmodified-Since of the date', dated, { 'if-unmodified-since': modified }, 200],
    ['If-Unmodified-Since of an earlier one', dated, { 'if-unmodified-since': earlier }, 412],
    [
      'If-Match, which is before If-Unmodified-Since',
      { ...etag, ...dated },
      { 'if-match': '"7"', 'if-unmodified-since': earlier },
      200,
    ],
    ['a range, which is left out', etag, { range: 'bytes=0-1', 'if-range': '"7"' }, 200],
  ])('with %s', async (_, headers, conditions, status) => {
    await using server = await serveThing(headers);
    for (const method of ['GET', 'HEAD']) {
      const response = await fetch(`${server.url}/thing`, { method, headers: conditions });
      expect([method, response.status]).toEqual([method, status]);
    }
  });

  test('is not sent again, but what identifies it is', async () => {
    await using server = await serveThing({
      etag: '"7"',
      'last-modified': modified,
      'Content-Language': 'en',
      vary: 'x',
    });
    const response = await fetch(`${server.url}/thing`, { headers: { 'if-none-match': '"7"' } });
    expect(response.status).toBe(304);
    expect(await response.text()).toBe('');
    expect(Object.fromEntries(response.headers)).toMatchObject({ etag: '"7"', 'cache-control': 'private', vary: 'x' });
    for (const name of ['content-type', 'content-length', 'content-language', 'last-modified']) {
      expect([name, response.headers.has(name)]).toEqual([name, false]);
    }
    expect(server.requests()).toMatchObject([{ status: 304 }]);
  });

  test('has a tag that is none: a logged 500', async () => {
    await using server = await serveThing({ ETag: '7' });
    expect(await problemOf(await fetch(`${server.url}/thing`))).toMatchObject({
      status: 500,
      reason: 'RESPONSE_INVALID',
    });
  });

  test('without a tag is sent as ever', async () => {
    await using server = await serveThing({});
    const response = await fetch(`${server.url}/thing`, { headers: { 'if-none-match': '*', 'if-match': '"7"' } });
    expect(response.status).toBe(200);
    expect(response.headers.has('etag')).toBe(false);
  });
});

describe('a thing that is changed', () => {
  const date = new Date(Date.parse(modified) + 500);
  const put = (url: string, headers: Record<string, string>) =>
    fetch(`${url}/thing`, { ...json({ id: 'a' }, headers), method: 'PUT' });

  test.each<[string, Validators | undefined, Record<string, string>, number]>([
    ['no condition', { etag: '"7"' }, {}, 200],
    ['the same tag', { etag: '"7"' }, { 'if-match': '"7"' }, 200],
    ['the tag of a coding', { etag: '"7"' }, { 'if-match': '"7;br"' }, 200],
    ['any tag', { lastModified: date }, { 'if-match': '*' }, 200],
    ['another tag', { etag: '"7"' }, { 'if-match': '"8"' }, 412],
    ['a weak tag', { etag: '"7"' }, { 'if-match': 'W/"7"' }, 412],
    ['a tag without its quotes', { etag: '"7"' }, { 'if-match': '7' }, 412],
    ['nothing in the list', { etag: '"7"' }, { 'if-match': '' }, 412],
    ['any tag, and no such thing', undefined, { 'if-match': '*' }, 412],
    ['no tag, and no such thing', undefined, { 'if-none-match': '*' }, 200],
    ['no tag, and there is one', { etag: '"7"' }, { 'if-none-match': '*' }, 412],
    ['the date, in the middle of its second', { lastModified: date }, { 'if-unmodified-since': modified }, 200],
    ['an earlier date', { lastModified: date }, { 'if-unmodified-since': earlier }, 412],
    ['a date for reading', { lastModified: date }, { 'if-modified-since': later }, 200],
  ])('with %s', async (_, current, headers, status) => {
    await using server = await serveThing({}, current);
    const response = await put(server.url, headers);
    expect(response.status).toBe(status);
    if (status === 412) {
      expect(await problemOf(response)).toMatchObject({ reason: 'PRECONDITION_FAILED', code: 'failed_precondition' });
    }
  });

  test('needs a condition where it is required', async () => {
    await using server = await serveThing({}, { etag: '"7"' }, { required: true });
    const problem = await problemOf(await put(server.url, {}));
    expect(problem).toMatchObject({ status: 428, reason: 'PRECONDITION_REQUIRED' });
    expect((await put(server.url, { 'if-match': '"7"' })).status).toBe(200);
  });
});

describe('a tag', () => {
  test.each([
    [7, '"7"'],
    [12345678901234567890n, '"12345678901234567890"'],
    ['2026-01-03T10:00:00.123Z', '"2026-01-03T10:00:00.123Z"'],
  ])('of %s is its text', (version, tag) => {
    expect(etagOf(version)).toBe(tag);
    expect(weakEtag(version)).toBe(`W/${tag}`);
  });

  test.each(['', 'a b', 'a"b', 'ä', 'a\r\nb', 'x'.repeat(65)])('of %j is its hash', (text) => {
    expect(etagOf(text)).toMatch(/^"[\w-]{43}"$/);
    expect(etagOf(text)).not.toBe(etagOf(`${text}.`));
  });
});
