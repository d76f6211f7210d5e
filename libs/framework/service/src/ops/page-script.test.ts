import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';

// The page is one file without a build. Its first script knows no document, so it runs anywhere.
const html = readFileSync(join(import.meta.dirname, '../../assets/ops.html'), 'utf8');
const [, script] = /<script>(.*?)<\/script>/s.exec(html)!;
const page = runInNewContext(
  `${script}; ({ parseExposition, readSnapshot, pointOf, quantile, formatNumber, formatSeconds, formatBytes, formatRatio, formatSpan, roundUp })`,
  { Intl },
);

const scrape = (text: string, time: number) => page.readSnapshot(page.parseExposition(text), time);
/** What a scrape holds of one route: requests by status, and cumulative counts by bucket. */
const route = (name: string, labels: string, counts: Record<string, number>, buckets: Record<string, number>) =>
  [
    ...Object.entries(counts).map(
      ([status, count]) => `${name}_count{${labels},http_response_status_code="${status}"} ${count}`,
    ),
    ...Object.entries(buckets).map(
      ([bound, count]) => `${name}_bucket{${labels},http_response_status_code="200",le="${bound}"} ${count}`,
    ),
  ].join('\n');

describe('the exposition', () => {
  test('is read with its escapes, and what is no sample is left out', () => {
    const samples = page.parseExposition(
      '# HELP a b\na 1\nb{x="1,} \\"q\\"\\n\\\\",y=""} 2.5e3 1700000000\nc{le="+Inf"} +Inf\n}{ broken\n\nd NaN\n',
    );
    expect(JSON.parse(JSON.stringify(samples))).toEqual([
      { name: 'a', labels: {}, value: 1 },
      { name: 'b', labels: { x: '1,} "q"\n\\', y: '' }, value: 2500 },
      { name: 'c', labels: { le: '+Inf' }, value: null },
      { name: 'd', labels: {}, value: null },
    ]);
  });

  test('gives rates, shares of errors and quantiles between two scrapes', () => {
    const name = 'http_server_request_duration_seconds';
    const labels = 'http_request_method="GET",http_route="/orders"';
    const before = scrape(route(name, labels, { 200: 10 }, { '0.1': 10, '1': 10, '+Inf': 10 }), 0);
    const counts = { 200: 18, 404: 1, 500: 1 };
    const after = scrape(route(name, labels, counts, { '0.1': 15, '1': 20, '+Inf': 20 }), 5_000);
    const point = page.pointOf(after, before);
    expect(point).toMatchObject({ time: 5_000, requests: 2, client: 0.1, server: 0.1 });
    expect(point.p50).toBeCloseTo(0.1);
    expect(point.p99).toBeCloseTo(0.982);
  });

  test('gives what the process uses', () => {
    const text = (seconds: number) =>
      [
        `process_cpu_time_seconds_total{cpu_mode="user"} ${seconds}`,
        'process_cpu_time_seconds_total{cpu_mode="system"} 1',
        'process_memory_usage_bytes 4096',
        `nodejs_eventloop_time_seconds_total{nodejs_eventloop_state="active"} ${seconds}`,
        'nodejs_eventloop_time_seconds_total{nodejs_eventloop_state="idle"} 3',
      ].join('\n');
    const point = page.pointOf(scrape(text(3), 2_000), scrape(text(2), 0));
    expect(point).toMatchObject({ cpu: 0.5, resident: 4096, utilization: 1, requests: 0, server: undefined });
  });

  test('that holds nothing gives nothing', () => {
    expect(page.pointOf(scrape('', 1_000), scrape('', 0))).toMatchObject({
      requests: 0,
      cpu: undefined,
      p99: undefined,
    });
  });
});

test.each([
  [0.5, [], undefined],
  [
    0.5,
    [
      [1, 0],
      [Infinity, 0],
    ],
    undefined,
  ],
  [
    0.5,
    [
      [1, 10],
      [Infinity, 10],
    ],
    0.5,
  ],
  [
    0.5,
    [
      [Infinity, 10],
      [2, 10],
      [1, 0],
    ],
    1.5,
  ],
  [
    0.99,
    [
      [1, 5],
      [Infinity, 10],
    ],
    1,
  ],
  [
    1,
    [
      [1, 5],
      [2, 5],
      [3, 10],
      [Infinity, 10],
    ],
    3,
  ],
])('the quantile %d of %j is %s', (q, buckets, value) => {
  expect(page.quantile(q, new Map(buckets as [number, number][]))).toBe(value);
});

test.each([
  ['formatNumber', 0, '0'],
  ['formatNumber', 12_345.6, '12,346'],
  ['formatNumber', 0.126, '0.13'],
  ['formatNumber', undefined, '–'],
  ['formatSeconds', 0.0000042, '4.2 µs'],
  ['formatSeconds', 0.0125, '12.5 ms'],
  ['formatSeconds', 2.5, '2.5 s'],
  ['formatBytes', 1023, '1,023 B'],
  ['formatBytes', 100 * 2 ** 20, '100 MiB'],
  ['formatRatio', 0.5, '50 %'],
  ['formatRatio', 0.00001, '< 0.01 %'],
  ['formatSpan', 0.4, '0 s'],
  ['formatSpan', 3_600, '1 h'],
  ['formatSpan', 93_784, '1 d 2 h'],
  ['roundUp', 0, 1],
  ['roundUp', 0.03, 0.05],
  ['roundUp', 1, 1],
])('%s of %s is %s', (format, value, text) => {
  expect(page[format](value)).toBe(text);
});

describe.each(['light', 'dark'])('the colours of the %s scheme', (scheme) => {
  const [light, dark] = [...html.matchAll(/:root \{(.*?)\}/gs)].map(([, block]) =>
    Object.fromEntries(
      [...block!.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, colour]) => [name!, colour!]),
    ),
  );
  const colours = scheme === 'light' ? light! : { ...light!, ...dark! };
  // WCAG 2.2, relative luminance and contrast ratio.
  const luminance = (colour: string) => {
    const parts = [1, 3, 5].map((from) => Number.parseInt(colour.slice(from, from + 2), 16) / 255);
    const [red, green, blue] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const contrast = (one: string, other: string) => {
    const [darker, lighter] = [luminance(colours[one]!), luminance(colours[other]!)].sort((a, b) => a - b);
    return (lighter! + 0.05) / (darker! + 0.05);
  };

  test.each([
    ['text', 'page'],
    ['text', 'surface'],
    ['muted', 'page'],
    ['muted', 'surface'],
    ['muted', 'soft'],
    ['accent', 'page'],
    ['accent', 'surface'],
    ['on-accent', 'accent'],
    ['ok', 'ok-soft'],
    ['warn', 'warn-soft'],
    ['bad', 'bad-soft'],
    ['bad', 'surface'],
  ])('%s is read on %s', (text, ground) => {
    expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(['one', 'two', 'three'])('the line %s is seen', (line) => {
    expect(contrast(line, 'surface')).toBeGreaterThanOrEqual(3);
  });
});
