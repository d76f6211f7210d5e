import { load, waitFor } from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAnswers, summaryOf } from './support/answers.ts';
import { openClients } from './support/clients.ts';
import { ask, order } from './support/requests.ts';
import { openHostileTarget, type Target } from './support/target.ts';

let target: Target;
beforeAll(async () => {
  const environment = {
    // Short, and long enough that a busy machine does not make the others slow.
    REST_HEADERS_TIMEOUT: '2s',
    REST_TRANSFER_TIMEOUT: '2s',
    REST_KEEP_ALIVE_TIMEOUT: '2s',
    // Several hundreds of them come at once.
    REST_CONCURRENCY: '10000',
  };
  target = await openHostileTarget({ environment });
});
afterAll(() => target[Symbol.asyncDispose]());

const count = 200;
const bodyHead = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

/** Each slow client: what it sends at first, and what it sends again and again. */
const slow: [name: string, expected: string, first: string, again: string][] = [
  ['that send nothing', '408 REQUEST_TOO_SLOW | ', '', ''],
  ['that send half a request line', '408 REQUEST_TOO_SLOW', 'GET /cou', ''],
  ['that send a request line byte by byte', '408 REQUEST_TOO_SLOW', 'GET /', 'a'],
  ['that send headers line by line', '408 REQUEST_TOO_SLOW', 'GET /counts HTTP/1.1\r\nHost: x\r\n', 'X: y\r\n'],
  ['that send a header byte by byte', '408 REQUEST_TOO_SLOW', 'GET /counts HTTP/1.1\r\nHost: x\r\nX: ', 'y'],
  ['that send all headers but their end', '408 REQUEST_TOO_SLOW', 'GET /counts HTTP/1.1\r\nHost: x\r\n', ''],
  ['that send empty lines', '408 REQUEST_TOO_SLOW', '\r\n', '\r\n'],
  ['that send no body', '408 REQUEST_TOO_SLOW', `${bodyHead}Content-Length: 1000\r\n\r\n`, ''],
  ['that send a body byte by byte', '408 REQUEST_TOO_SLOW', `${bodyHead}Content-Length: 1000\r\n\r\n"`, 'a'],
  ['that send no chunk', '408 REQUEST_TOO_SLOW', `${bodyHead}Transfer-Encoding: chunked\r\n\r\n`, ''],
  ['that send tiny chunks', '408 REQUEST_TOO_SLOW', `${bodyHead}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n[\r\n'],
  ['that send half of a chunk', '408 REQUEST_TOO_SLOW', `${bodyHead}Transfer-Encoding: chunked\r\n\r\nff\r\n"a`, ''],
  [
    'that may go on and do not',
    '408 REQUEST_TOO_SLOW',
    `${bodyHead}Expect: 100-continue\r\nContent-Length: 9\r\n\r\n`,
    '',
  ],
  ['that ask once and stay', '200', ask('/counts'), ''],
  ['that ask once and half again', '200, 408 REQUEST_TOO_SLOW | ', `${ask('/counts')}GET /co`, ''],
  [
    'whose body for nobody never comes',
    '404 ROUTE_NOT_FOUND, 408 REQUEST_TOO_SLOW | ',
    'POST /no HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n',
    '',
  ],
];

describe('two hundred connections', () => {
  test.concurrent.each(slow)(
    '%s end, each with %j at most, while others are served',
    async (_, expected, first, again) => {
      await using others = honestClients();
      using clients = await openClients({ port: target.port, count, bytes: first });
      await waitFor(
        () => {
          if (again !== '') clients.write(again);
          return clients.ended() === count;
        },
        { what: 'all of them to end' },
      );
      const answered = others.counts().answered;
      await waitFor(() => others.counts().answered > answered + 20, { what: 'others to be served on' });
      const { answers, answered: all, ...lost } = await others.stop();
      expect({ answers, ...lost }).toEqual({ answers: { 200: all }, refused: 0, reset: 0, timedOut: 0, faults: [] });
      expect(new Set(clients.all.flatMap(({ text }) => outcomeOf(text, expected)))).toEqual(new Set([expected]));
    },
  );

  test('do no harm', () => target.unharmed());
});

describe('connections that read nothing', () => {
  test.each([
    ['of a huge answer', 10, ask('/gives/huge')],
    ['of a hundred answers, which they asked for at once', 2, ask('/gives/large').repeat(100)],
    ['and go on with what is no request', 10, `${ask('/gives/huge')}nonsense`],
  ])('%s are ended, while others are served', async (_, many, bytes) => {
    await using others = honestClients();
    using clients = await openClients({ port: target.port, count: many, bytes, reads: false });
    clients.write('nonsense');
    const { answers, answered, ...lost } = await others.stop();
    expect({ answers, ...lost }).toEqual({ answers: { 200: answered }, refused: 0, reset: 0, timedOut: 0, faults: [] });
    // Clients that do not read do not notice that they are alone.
    await target.unharmed();
  });
});

test('a client that is slow, but within its time, is served', async () => {
  using clients = await openClients({ port: target.port, count: 20, bytes: bodyHead });
  clients.write(`Content-Length: ${order.length}\r\nConnection: close\r\n\r\n`);
  for (const piece of order.match(/.{1,100}/gs)!) clients.write(piece);
  await waitFor(() => clients.ended() === 20, { what: 'all of them to be answered' });
  for (const { text } of clients.all) expect(parseAnswers(text)).toMatchObject([{ status: 200 }]);
  await target.unharmed();
});

/** Others, each on a connection of its own, so that none is lost with a connection that was kept for too long. */
function honestClients() {
  return load({ url: `${target.service.url}/counts`, connections: 4, headers: { connection: 'close' } });
}

/** What was expected, if it is what came; else what came. Nothing at all may be an alternative. */
function outcomeOf(text: string, expected: string): string {
  const came = parseAnswers(text).map(summaryOf);
  const alternatives = expected.split(', ').map((each) => each.split(' | '));
  const fits =
    alternatives.every((each, index) => each.includes(came[index] ?? '')) && came.length <= alternatives.length;
  return fits ? expected : came.join(', ');
}
