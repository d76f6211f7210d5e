import { rawRequest, waitFor } from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { happened, streamed } from './service/streamed.ts';
import { parseAnswers } from './support/answers.ts';
import { openClients } from './support/clients.ts';
import { ask, chunk } from './support/requests.ts';
import { openHostileTarget, type Target } from './support/target.ts';

let target: Target;
beforeAll(async () => {
  target = await openHostileTarget({ environment: { REST_TRANSFER_TIMEOUT: '400ms' } });
});
afterAll(() => target[Symbol.asyncDispose]());

const closing = ['Connection: close'];
/** Each failure is one line `error` in the log, of the request; none is of the process. */
const expectedErrors = ['"msg":"request"'];
const namesOf = (values: object, ...without: string[]) => Object.keys(values).filter((name) => !without.includes(name));
const headOf = (how: string, ...lines: string[]) =>
  [`PUT /uploads/${how} HTTP/1.1`, 'Host: x', 'Content-Type: text/plain', ...lines, '', ''].join('\r\n');

const endings: Record<string, string> = {
  whole: '200',
  'fails-at-once': '500',
  'throws-when-asked': '500',
  'is-destroyed': '500',
  'gives-no-result': '500 | 500 RESPONSE_INVALID',
  'is-no-stream': '500 RESPONSE_INVALID',
  'is-undefined': '500 RESPONSE_INVALID',
};

describe('a stream that', () => {
  test.each(Object.entries(endings))('%s gets %s', (what, expected) =>
    target.withstand([what, expected, 'closes', ask(`/streams/${what}`, closing)]),
  );

  const half = namesOf(streamed, ...Object.keys(endings)).filter((name) => /^(fails|rejects|gives|breaks)/.test(name));
  test.each(half)('%s is seen to be cut off', async (what) => {
    const { text, end } = await rawRequest(target.port, ask(`/streams/${what}`) + ask('/counts'));
    expect(['closed', 'reset']).toContain(end);
    expect(() => parseAnswers(text)).toThrow('Expected whole answers');
    expect(text).not.toContain('waiting');
  });

  test.each(['endless', 'throws-when-let-go'])('%s is let go when its clients leave', async (what) => {
    using clients = await openClients({ port: target.port, count: 20, bytes: ask(`/streams/${what}`) });
    await waitFor(() => clients.all.every(({ text }) => text !== ''), { what: 'the streams to begin' });
    for (const { socket } of clients.all) socket.resetAndDestroy();
    await target.unharmed(expectedErrors);
  });

  test('is endless is cut off when nobody takes it in', async () => {
    using _ = await openClients({ port: target.port, count: 20, bytes: ask('/streams/endless'), reads: false });
    await target.unharmed(expectedErrors);
  });

  test('does no harm', () => target.unharmed(expectedErrors));
});

describe('a source that never answers', () => {
  let other: Target;
  beforeAll(async () => {
    other = await openHostileTarget({
      environment: { REST_CONCURRENCY: '30', SHUTDOWN_TIMEOUT: '1s' },
      abandons: true,
    });
  });
  afterAll(() => other[Symbol.asyncDispose]());

  test.each([
    ['stands-still', 'xxx'],
    ['never-ends-well', 'xxx'],
    ['never-begins', ''],
  ])('%s takes no place from others once its clients have left', async (what, seen) => {
    using clients = await openClients({ port: other.port, count: 20, bytes: ask(`/streams/${what}`) });
    await waitFor(() => clients.all.every(({ text }) => text.includes(seen)), { what: 'the streams to begin' });
    for (const { socket } of clients.all) socket.resetAndDestroy();
    await other.unharmed(expectedErrors);
  });
});

describe('events that', () => {
  test.each(namesOf(happened, 'endless'))('come %s forge nothing', async (what) => {
    const { text, end } = await rawRequest(target.port, ask(`/events/${what}`, closing));
    expect(['closed', 'reset']).toContain(end);
    expect(text).toContain('data: "first"');
    expect(text).not.toMatch(/^(data|event): forged/m);
  });

  test('are endless are let go when nobody takes them in, and when clients leave', async () => {
    using deaf = await openClients({ port: target.port, count: 20, bytes: ask('/events/endless'), reads: false });
    using clients = await openClients({ port: target.port, count: 20, bytes: ask('/events/endless') });
    await waitFor(() => clients.all.every(({ text }) => text !== ''), { what: 'the events to begin' });
    for (const { socket } of clients.all) socket.resetAndDestroy();
    await target.unharmed(expectedErrors);
    expect(deaf.all).toHaveLength(20);
  });

  test('are asked for with an odd Last-Event-ID do no harm', async () => {
    for (const value of ['', '\u00ff', '1, 2', 'x'.repeat(10_000), '__proto__']) {
      const lines = [`Last-Event-ID: ${value}`, 'Accept: text/event-stream', ...closing];
      const { text } = await rawRequest(target.port, ask('/events/with-no-data', lines));
      expect(text).toMatch(/^HTTP\/1\.1 200 /);
    }
  });
});

const ways = ['whole', 'ignored', 'half-of-it', 'and-throws', 'and-throws-half-way', 'and-breaks-it', 'and-waits'];

describe('an upload', () => {
  test.each([
    ['past its limit, as it says', headOf('whole', 'Content-Length: 4194305'), '413 BODY_TOO_LARGE'],
    [
      'past its limit, as it turns out',
      `${headOf('whole', 'Transfer-Encoding: chunked')}${chunk('x'.repeat(65_536)).repeat(70)}`,
      '413 BODY_TOO_LARGE',
    ],
    [
      'of another type',
      headOf('whole', 'Content-Length: 1').replace('text/plain', 'image/png'),
      '415 MEDIA_TYPE_UNSUPPORTED',
    ],
    [
      'without a type',
      'PUT /uploads/whole HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nConnection: close\r\n\r\nx',
      '415 MEDIA_TYPE_UNSUPPORTED',
    ],
    [
      'of a type that is none',
      headOf('whole', 'Content-Length: 1').replace('text/plain', 'text/../plain'),
      '415 MEDIA_TYPE_UNSUPPORTED',
    ],
    ['that is compressed', headOf('whole', 'Content-Length: 1', 'Content-Encoding: gzip'), '415 ENCODING_UNSUPPORTED'],
    [
      'with a bad chunk',
      `${headOf('whole', 'Transfer-Encoding: chunked')}${chunk('x')}-1\r\n`,
      '400 REQUEST_MALFORMED',
    ],
    ['that stands still', headOf('whole', 'Content-Length: 1000'), '408 REQUEST_TOO_SLOW'],
    ['that nobody reads', `${headOf('ignored', 'Content-Length: 1000000')}${'x'.repeat(1_000_000)}`, '200'],
    ['that is read in part', `${headOf('half-of-it', 'Content-Length: 1000000')}${'x'.repeat(1_000_000)}`, '200'],
    ['whose handler throws', `${headOf('and-throws', 'Content-Length: 1000000')}${'x'.repeat(1_000_000)}`, '500'],
    [
      'whose handler throws half-way',
      `${headOf('and-throws-half-way', 'Content-Length: 1000000')}${'x'.repeat(1_000_000)}`,
      '500',
    ],
    ['whose handler breaks it', `${headOf('and-breaks-it', 'Content-Length: 1000000')}${'x'.repeat(1_000_000)}`, '500'],
  ])('%s is answered, and its connection ends', async (name, bytes, expected) => {
    await target.withstand([name, expected, 'closes', bytes]);
  });

  test('that stands still half-way is answered, and its connection ends', async () => {
    const answers = await target.send(`${headOf('whole', 'Transfer-Encoding: chunked')}${chunk('x')}`);
    expect(answers.map(({ status }) => status)).toEqual([408]);
  });

  test.each(ways)('that is taken in %s may break off', async (how) => {
    const bytes = `${headOf(how, 'Transfer-Encoding: chunked')}${chunk('x'.repeat(10_000))}`;
    using clients = await openClients({ port: target.port, count: 50, bytes });
    for (const [index, { socket }] of clients.all.entries()) {
      if (index % 2 === 0) socket.resetAndDestroy();
      else socket.end().destroy();
    }
    await target.unharmed(expectedErrors);
  });

  test('that is slow, and goes on, is taken in', async () => {
    using clients = await openClients({
      port: target.port,
      count: 20,
      bytes: headOf('whole', 'Content-Length: 30', ...closing),
    });
    const sent = { bytes: 0, at: 0 };
    await waitFor(
      () => {
        if (sent.bytes < 30 && performance.now() - sent.at > 30) {
          clients.write('x');
          sent.bytes += 1;
          sent.at = performance.now();
        }
        return clients.ended() === 20;
      },
      { what: 'all of them to be answered' },
    );
    for (const { text } of clients.all) expect(parseAnswers(text)).toMatchObject([{ status: 200, text: '30' }]);
  });

  test('does no harm, and no handler is left', async () => {
    await target.unharmed(expectedErrors);
    await waitFor(
      async () => {
        const { text } = await target.one(ask('/counts', closing));
        const { waiting } = JSON.parse(text) as { waiting: { began: number; ended: number } };
        return waiting.began === waiting.ended;
      },
      { what: 'all handlers to end' },
    );
  });
});
