import { randomBytes } from 'node:crypto';
import { openOtlpReceiver, waitFor, type OtlpReceiver } from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseExposition } from './support/metrics.ts';
import { ask } from './support/requests.ts';
import { openTarget, type Target } from './support/target.ts';

let collector: OtlpReceiver;
let target: Target;
beforeAll(async () => {
  collector = await openOtlpReceiver();
  target = await openTarget({
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
  });
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
  await collector[Symbol.asyncDispose]();
});

const list = '/orders?limit=1';
const id = 'a'.repeat(31) + '1';
const parent = 'b'.repeat(15) + '2';
let count = 0;

/** Asks with header lines; gives the answer, the span, and what the log has of it. */
async function askWith(lines: readonly string[]) {
  const requestId = `telemetry-${(count += 1)}`;
  const answer = await target.one(ask(list, [`X-Request-Id: ${requestId}`, ...lines, 'Connection: close']));
  expect(answer.status).toBe(200);
  const line = await waitFor(() => target.service.logs.find((each) => each.request_id === requestId), {
    what: 'its line',
  });
  const span = await waitFor(
    () => collector.spans.find(({ traceId, scope }) => traceId === line.trace_id && scope === '@org/api-rest'),
    {
      what: 'its span',
    },
  );
  return { answer, line, span };
}

describe('a traceparent', () => {
  test.each([
    ['that is empty', ''],
    ['that is no such thing', 'nonsense'],
    ['of zeros', `00-${'0'.repeat(32)}-${parent}-01`],
    ['with a parent of zeros', `00-${id}-${'0'.repeat(16)}-01`],
    ['in upper case', `00-${id.toUpperCase()}-${parent}-01`],
    ['with a short id', `00-${id.slice(1)}-${parent}-01`],
    ['with a long id', `00-${id}a-${parent}-01`],
    ['of the version that is none', `ff-${id}-${parent}-01`],
    ['that goes on', `00-${id}-${parent}-01-more`],
    ['with flags that are none', `00-${id}-${parent}-zz`],
    ['without flags', `00-${id}-${parent}`],
    ['with spaces', `00 - ${id} - ${parent} - 01`],
    ['with an injection', `00-${id}-${parent}-01%0d%0aX: y`],
    ['of fifteen thousand characters', `00-${'a'.repeat(15_000)}-${parent}-01`],
    ['of dashes', '-'.repeat(15_000)],
    ['of a list', `00-${id}-${parent}-01, 00-${id}-${parent}-01`],
  ])('%s is left alone, and a trace begins', async (_, value) => {
    const { line, span } = await askWith([`traceparent: ${value}`]);
    expect(line).toMatchObject({
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect([line.trace_id, span.parentSpanId]).not.toContain(id);
    expect(span.parentSpanId).toBe('');
  });

  test('that comes twice is left alone or the first one counts', async () => {
    const other = `00-${'c'.repeat(32)}-${parent}-01`;
    const { line } = await askWith([`traceparent: 00-${id}-${parent}-01`, `traceparent: ${other}`]);
    expect(line.trace_id).not.toBe('c'.repeat(32));
  });

  test('of a later version is read as far as it is known', async () => {
    const { line } = await askWith([`traceparent: 01-${id}-${parent}-01-more`]);
    expect(line.trace_id).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('a tracestate or a baggage', () => {
  test.each([
    ['a state of nonsense', 'tracestate: ,,,===,,,'],
    ['a state of fifteen thousand characters', `tracestate: a=${'b'.repeat(15_000)}`],
    [
      'a state of a thousand members',
      `tracestate: ${Array.from({ length: 1_000 }, (_, index) => `k${index}=v`).join()}`,
    ],
    ['a state of the same member', `tracestate: ${'a=b,'.repeat(3_000)}a=b`],
    ['a state of names that are none', 'tracestate: __proto__=1,constructor=2,A=3,é=4'],
    ['baggage of nonsense', 'baggage: ,,,===;;;'],
    ['baggage of fifteen thousand characters', `baggage: a=${'b'.repeat(15_000)}`],
    ['baggage of a thousand entries', `baggage: ${Array.from({ length: 1_000 }, (_, index) => `k${index}=v`).join()}`],
    ['baggage of bad escapes', 'baggage: a=%,b=%zz,c=%ff,d=%c0%af,%=e'],
    ['baggage of line breaks', 'baggage: a=%0d%0aX:%20y,b=%00'],
    ['baggage of properties', `baggage: a=b${';c=d'.repeat(3_000)}`],
    ['baggage of prototypes', 'baggage: __proto__=1,constructor=2,toString=3,hasOwnProperty=4'],
    ['baggage of names of labels', 'baggage: http.route=/evil,http.request.method=EVIL,le=0'],
  ])('%s does no harm', async (_, header) => {
    const { line } = await askWith([`traceparent: 00-${randomBytes(16).toString('hex')}-${parent}-01`, header]);
    expect(line).toMatchObject({ status: 200 });
  });
});

test('none of it is in a metric', async () => {
  for (const { labels } of parseExposition(await target.exposition())) {
    expect(JSON.stringify(labels)).not.toMatch(/evil|EVIL|baggage|tracestate|aaaaaa|bbbbbb/);
  }
});

describe('what a client says of who it is', () => {
  const forged = [
    'X-Forwarded-For: 6.6.6.6',
    'X-Forwarded-For: 6.6.6.6, 127.0.0.1, ::1',
    `X-Forwarded-For: ${'6.6.6.6, '.repeat(1_500)}127.0.0.1`,
    'X-Forwarded-For: <script>6.6.6.6</script>',
    'X-Real-IP: 6.6.6.6',
    'True-Client-IP: 6.6.6.6',
    'CF-Connecting-IP: 6.6.6.6',
    'X-Client-IP: 6.6.6.6',
    'Forwarded: for=6.6.6.6;proto=gopher;host=6.6.6.6',
    'Forwarded: for="[6.6.6.6',
    'X-Forwarded-Host: 6.6.6.6',
    'X-Forwarded-Proto: gopher',
    'X-Forwarded-Port: 60666',
    'X-Forwarded-Prefix: /6.6.6.6',
    'Via: 1.1 6.6.6.6',
  ];

  test.each(forged)('%j is not believed', async (line) => {
    const { answer, line: logged, span } = await askWith([line]);
    expect(span.attributes).toMatchObject({ 'client.address': '127.0.0.1', 'url.scheme': 'http' });
    for (const seen of [answer, logged, span]) expect(JSON.stringify(seen)).not.toMatch(/6\.6\.6\.6|gopher|60666/);
  });

  test('names no server and no port but its own in a metric', async () => {
    const text = await target.exposition();
    expect(text).not.toMatch(/6\.6\.6\.6|gopher/);
  });
});

describe('a span', () => {
  test('has no attribute of unbounded length', async () => {
    const { span } = await askWith([`User-Agent: ${'u'.repeat(15_000)}`]);
    expect(JSON.stringify(span.attributes).length).toBeLessThan(4_096);
  });

  test('has no query, no cookie and no credentials', async () => {
    const secret = 'hunter2-hunter2';
    const requestId = 'telemetry-secret';
    const lines = [
      `X-Request-Id: ${requestId}`,
      `Authorization: Bearer ${secret}`,
      `Cookie: s=${secret}`,
      'Connection: close',
    ];
    await target.one(ask(`/orders?token=${secret}`, lines));
    const line = await waitFor(() => target.service.logs.find((each) => each.request_id === requestId), {
      what: 'its line',
    });
    const span = await waitFor(
      () => collector.spans.find(({ traceId, scope }) => traceId === line.trace_id && scope === '@org/api-rest'),
      {
        what: 'its span',
      },
    );
    expect(JSON.stringify([line, span])).not.toContain(secret);
  });
});

test('no harm is done', () => target.unharmed());

describe('what a trusted proxy says of a client', () => {
  let trusting: Target;
  beforeAll(async () => {
    trusting = await openTarget({ environment: { REST_TRUSTED_PROXIES: 'loopback' } });
  });
  afterAll(() => trusting[Symbol.asyncDispose]());

  test.each([
    ['6.6.6.6', '6.6.6.6'],
    ['1.1.1.1, 6.6.6.6', '6.6.6.6'],
    ['1.1.1.1, 6.6.6.6, 127.0.0.1', '6.6.6.6'],
    ['nonsense', '127.0.0.1'],
    ['6.6.6.6, nonsense', '127.0.0.1'],
    ['', '127.0.0.1'],
    [',,,,', '127.0.0.1'],
    ['unknown', '127.0.0.1'],
    ['999.999.999.999', '127.0.0.1'],
    ['6.6.6.6%0d%0aX: y', '127.0.0.1'],
    ['<script>', '127.0.0.1'],
    ['::ffff:6.6.6.6', '6.6.6.6'],
    [`${'6.6.6.6, '.repeat(1_500)}nonsense`, '127.0.0.1'],
  ])('in %j is an address, and the one that it saw', async (value, address) => {
    count += 1;
    const requestId = `trusting-${count}`;
    const lines = [`X-Request-Id: ${requestId}`, `X-Forwarded-For: ${value}`, 'Connection: close'];
    expect((await trusting.one(ask(list, lines))).status).toBe(200);
    const line = await waitFor(() => trusting.service.logs.find((each) => each.request_id === requestId), {
      what: 'its line',
    });
    expect(line.client).toBe(address);
  });

  test('does no harm', () => trusting.unharmed());
});
