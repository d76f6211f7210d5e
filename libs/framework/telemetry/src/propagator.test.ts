import { ROOT_CONTEXT, propagation, trace } from '@opentelemetry/api';
import { readSettings } from '@org/config';
import { describe, expect, test } from 'vitest';
import { createPropagator } from './propagator.ts';
import { telemetrySettings } from './settings.ts';
import { defaultTextMapGetter as getter, defaultTextMapSetter as setter } from '@opentelemetry/api';

async function propagator(OTEL_PROPAGATORS?: string) {
  const environment = OTEL_PROPAGATORS === undefined ? {} : { OTEL_PROPAGATORS };
  const { settings } = readSettings({ telemetry: telemetrySettings }, { environment, service: 'orders', schemes: [] });
  return createPropagator(settings.telemetry!);
}

const traceId = 'a'.repeat(32);
const spanId = 'b'.repeat(16);
const traceparent = `00-${traceId}-${spanId}-01`;

test.each([
  [undefined, ['traceparent', 'tracestate', 'baggage']],
  ['tracecontext', ['traceparent', 'tracestate']],
  ['B3', ['b3']],
  ['b3multi', ['x-b3-traceid', 'x-b3-spanid', 'x-b3-flags', 'x-b3-sampled', 'x-b3-parentspanid']],
  ['baggage, b3, baggage', ['baggage', 'b3']],
  ['none', []],
])('OTEL_PROPAGATORS=%s speaks %j', async (names, fields) => {
  expect((await propagator(names)).fields()).toEqual(fields);
});

describe('hostile headers', () => {
  const long = 'x'.repeat(100_000);
  const traces = ['', ' ', 'garbage', long, traceparent.toUpperCase(), `${traceparent}-more`, `${traceparent}\u0000`]
    .concat([`ff-${traceId}-${spanId}-01`, `00-${'0'.repeat(32)}-${spanId}-01`, `00-${traceId}-${'0'.repeat(16)}-01`])
    .concat([`00-${traceId}-${spanId}`, `00-${traceId}-${spanId}-0`, `00-${traceId}-${spanId}-zz`, '00-0-0-00']);
  test.each(traces)('a traceparent of %.60j is as if there were none', async (wrong) => {
    const extracted = (await propagator()).extract(ROOT_CONTEXT, { traceparent: wrong, tracestate: 'a=1' }, getter);
    expect(trace.getSpanContext(extracted)).toBeUndefined();
  });

  test.each([
    ['a=1,'.repeat(100_000)],
    [`a=${long}`],
    [`${long}=1`],
    ['=,=,==,,,'],
    ['__proto__=1,constructor=2'],
    ['a=1\u0000,b=\ud800'],
  ])('a tracestate of %.40j goes on as at most 512 characters and 32 entries', async (tracestate) => {
    const used = await propagator();
    const extracted = used.extract(ROOT_CONTEXT, { traceparent, tracestate }, getter);
    const out: Record<string, string> = {};
    used.inject(extracted, out, setter);
    expect(out.traceparent).toBe(traceparent);
    expect((out.tracestate ?? '').length).toBeLessThanOrEqual(512);
    expect((out.tracestate ?? '').split(',').length).toBeLessThanOrEqual(32);
  });

  test.each([
    [Array.from({ length: 10_000 }, (_, index) => `k${index}=v`).join(',')],
    [`a=${long}`],
    [`a=1;${long}`],
    ['%E0%A4%A=1,b=%zz,c=%'],
    ['=,;,a,a=,=b,,;;;=;'],
    ['__proto__=1,constructor=2,toString=3'],
    ['a=%00%0d%0aset-cookie:%20x'],
  ])('a baggage of %.40j goes on as at most 8 192 characters and 180 entries', async (baggage) => {
    const used = await propagator();
    const extracted = used.extract(ROOT_CONTEXT, { baggage }, getter);
    expect((propagation.getBaggage(extracted)?.getAllEntries() ?? []).length).toBeLessThanOrEqual(180);
    const out: Record<string, string> = {};
    used.inject(extracted, out, setter);
    expect((out.baggage ?? '').length).toBeLessThanOrEqual(8_192);
    // Nothing that would end the header.
    expect(out.baggage ?? '').toMatch(/^[\x20-\x7e]*$/);
    expect(({} as Record<string, unknown>).value).toBeUndefined();
  });

  test.each([
    { b3: long },
    { b3: `${traceId}-${spanId}-7` },
    { b3: '0' },
    { 'x-b3-traceid': long, 'x-b3-spanid': spanId },
    { 'x-b3-traceid': traceId, 'x-b3-spanid': '', 'x-b3-sampled': 'maybe' },
    { 'x-b3-traceid': '0'.repeat(32), 'x-b3-spanid': spanId, 'x-b3-sampled': '1' },
  ])('B3 of %.60j makes nothing invalid', async (headers) => {
    const extracted = (await propagator('b3')).extract(ROOT_CONTEXT, headers, getter);
    const found = trace.getSpanContext(extracted);
    if (found) expect(trace.isSpanContextValid(found)).toBe(true);
  });
});

test('flags that nobody knows are not passed on', async () => {
  const used = await propagator();
  const extracted = used.extract(ROOT_CONTEXT, { traceparent: `00-${traceId}-${spanId}-ff` }, getter);
  expect(trace.getSpanContext(extracted)?.traceFlags).toBe(0xff);
});
