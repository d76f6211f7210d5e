import { connect } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openOtlpReceiver } from './otlp-receiver.ts';

const ids = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
const times = { startTimeUnixNano: '1000000000', endTimeUnixNano: '1002000000' };
const spans = (span: object) => ({
  resourceSpans: [{ scopeSpans: [{ scope: { name: 'tests' }, spans: [{ ...ids, ...times, kind: 2, ...span }] }] }],
});

async function post(url: string, body: string | Buffer<ArrayBuffer>, headers: Record<string, string> = {}) {
  const type = { 'content-type': 'application/json' };
  return (await fetch(url, { method: 'POST', body, headers: { ...type, ...headers } })).status;
}

describe('the receiver', () => {
  test('reads spans in JSON, compressed or not', async () => {
    await using receiver = await openOtlpReceiver();
    const attributes = [
      { key: 'text', value: { stringValue: 'a' } },
      { key: 'number', value: { intValue: '7' } },
      { key: 'list', value: { arrayValue: { values: [{ boolValue: true }, { doubleValue: 1.5 }] } } },
    ];
    const body = JSON.stringify(spans({ name: 'one', attributes, status: { code: 2 } }));
    expect(await post(`${receiver.url}/v1/traces`, body)).toBe(200);
    expect(await post(`${receiver.url}/v1/traces`, gzipSync(body), { 'content-encoding': 'gzip' })).toBe(200);
    expect(receiver.spans).toHaveLength(2);
    expect(receiver.spans[1]).toEqual({
      ...ids,
      parentSpanId: '',
      name: 'one',
      kind: 2,
      durationMs: 2,
      attributes: { text: 'a', number: 7, list: [true, 1.5] },
      status: 2,
      scope: 'tests',
      resource: {},
    });
  });

  test('reads metrics, and keeps each as it came last', async () => {
    await using receiver = await openOtlpReceiver();
    for (const asInt of ['1', '2']) {
      const sum = { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ asInt }] };
      const body = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'orders', unit: '1', sum }] }] }] };
      expect(await post(`${receiver.url}/v1/metrics`, JSON.stringify(body))).toBe(200);
    }
    expect(receiver.metrics).toHaveLength(1);
    expect(receiver.metric('orders')).toMatchObject({ type: 'sum', monotonic: true, points: [{ value: 2 }] });
  });

  test('reads protobuf by the numbers of its fields', async () => {
    await using receiver = await openOtlpReceiver();
    const field = (number: number, bytes: Buffer) =>
      Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
    const span = Buffer.concat([
      field(1, Buffer.from(ids.traceId, 'hex')),
      field(2, Buffer.from(ids.spanId, 'hex')),
      field(5, Buffer.from('one')),
    ]);
    const body = field(1, field(2, field(2, span)));
    expect(await post(`${receiver.url}/v1/traces`, body, { 'content-type': 'application/x-protobuf' })).toBe(200);
    expect(receiver.spans).toMatchObject([{ ...ids, name: 'one' }]);
  });

  test('refuses what is not OTLP', async () => {
    await using receiver = await openOtlpReceiver();
    expect(await post(`${receiver.url}/v1/traces`, '{')).toBe(400);
    expect(await post(`${receiver.url}/v1/logs`, '{}')).toBe(404);
    expect(await post(`${receiver.url}/v1/traces`, '{}', { 'content-type': 'text/plain' })).toBe(404);
    expect(receiver.spans).toEqual([]);
  });

  test('answers as it is told, from then on', async () => {
    await using receiver = await openOtlpReceiver();
    receiver.answer({ status: 503, headers: { 'retry-after': '1' } });
    expect(await post(`${receiver.url}/v1/traces`, '{}')).toBe(503);
    receiver.answer('hang');
    const headers = { 'content-type': 'application/json' };
    const options = { method: 'POST', headers, body: '{}', signal: AbortSignal.timeout(200) };
    await expect(fetch(`${receiver.url}/v1/traces`, options)).rejects.toThrow();
    receiver.answer('accept');
    expect(await post(`${receiver.url}/v1/traces`, '{}')).toBe(200);
  });

  test('ends with calls under way', async () => {
    const receiver = await openOtlpReceiver();
    receiver.answer('hang');
    const session = connect(receiver.grpcUrl).on('error', () => {});
    session.request({ ':method': 'POST', ':path': '/' }).on('error', () => {});
    await receiver[Symbol.asyncDispose]();
    session.destroy();
  });
});
