import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exampleNewOrder } from '@org/example-service-contract';
import { startBuilt, type BuiltService } from '@org/service/testing';
import {
  createCertificateAuthority,
  freePort,
  hasOpenssl,
  openOtlpReceiver,
  skipUnless,
  temporaryDirectory,
  waitFor,
  type OtlpReceiver,
} from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { post, runBuilt } from './built.ts';
import { shipped } from './shipped.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';
const traceparent = (flags: string) => `00-${traceId}-${parentId}-${flags}`;

let bundle: Awaited<ReturnType<typeof shipped>>;
beforeAll(async () => {
  bundle = await shipped();
});
afterAll(() => bundle[Symbol.asyncDispose]());

/** Starts what ships; spans and metrics go out quickly. */
const start = (environment: Record<string, string> = {}) =>
  startBuilt(bundle.main, {
    environment: { OTEL_BSP_SCHEDULE_DELAY: '20', OTEL_METRIC_EXPORT_INTERVAL: '1000', ...environment },
  });

const placeOrder = ({ url }: BuiltService, headers: Record<string, string> = {}) =>
  post(`${url}/orders`, exampleNewOrder, headers);

const requestLines = ({ logs }: BuiltService) => logs.filter(({ msg }) => msg === 'request');

async function requestLine(service: BuiltService) {
  await waitFor(() => requestLines(service).length > 0, { what: 'the line of the request' });
  return requestLines(service)[0];
}

const spansOf = (receiver: OtlpReceiver) => receiver.spans.filter(({ scope }) => scope === '@org/api-rest');

async function firstSpan(receiver: OtlpReceiver) {
  await waitFor(() => spansOf(receiver).length > 0, { what: 'a span' });
  return spansOf(receiver)[0]!;
}

/** What telemetry has to complain about. */
const troublesOf = ({ logs }: BuiltService) =>
  logs.filter(({ logger, level }) => logger === 'opentelemetry' && level !== 'info');

const exposed = async ({ opsUrl }: BuiltService) => (await fetch(`${opsUrl}/metrics`)).text();

describe.each(['http/protobuf', 'http/json', 'grpc'] as const)('over %s', (protocol) => {
  test('span, log line and measurement of one request arrive, joined by its trace', async () => {
    await using receiver = await openOtlpReceiver();
    await using service = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? receiver.grpcUrl : receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=a%20b',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_METRICS_EXPORTER: 'otlp',
      // An export may take as long as it is until the next.
      OTEL_METRIC_EXPORT_INTERVAL: '4000',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      SERVICE_VERSION: '1.2.3',
      SERVICE_COMMIT: 'abc1234',
    });
    const answer = await placeOrder(service, { traceparent: traceparent('01'), tracestate: 'vendor=1' });
    expect(answer.status).toBe(201);
    const requestId = answer.headers.get('x-request-id');

    const span = await firstSpan(receiver);
    expect(span).toMatchObject({ traceId, parentSpanId: parentId, name: 'POST /orders', kind: 2, status: 0 });
    expect(span.attributes).toMatchObject({ 'http.route': '/orders', 'http.response.status_code': 201 });
    expect(await requestLine(service)).toMatchObject({
      trace_id: traceId,
      span_id: span.spanId,
      request_id: requestId,
      status: 201,
    });

    const durations = await waitFor(() => receiver.metric('http.server.request.duration'), { what: 'the histogram' });
    expect(durations).toMatchObject({ type: 'histogram', unit: 's', temporality: 2, scope: '@org/api-rest' });
    const point = durations.points.find(({ attributes }) => attributes['http.route'] === '/orders');
    expect(point).toMatchObject({ count: 1, attributes: { 'http.request.method': 'POST' } });
    expect(point?.buckets?.reduce((sum, count) => sum + count)).toBe(1);
    expect(await exposed(service)).toMatch(/^http_server_request_duration_seconds_count\{.*"\/orders".*\} 1$/m);

    const who = {
      'service.name': 'example-service',
      'service.version': '1.2.3',
      'vcs.ref.head.revision': 'abc1234',
      'deployment.environment.name': 'test',
    };
    expect(span.resource).toMatchObject(who);
    expect(durations.resource).toEqual(span.resource);
    expect(receiver.requests.map((request) => request.protocol)).toEqual(receiver.requests.map(() => protocol));
    expect(receiver.requests[0]?.headers).toMatchObject({ 'x-tenant': 'a b' });
    expect(troublesOf(service)).toEqual([]);
  });

  test('what is still there when the service stops is sent', async () => {
    await using receiver = await openOtlpReceiver();
    const service = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? receiver.grpcUrl : receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_BSP_SCHEDULE_DELAY: '3600000',
      OTEL_METRIC_EXPORT_INTERVAL: '3600000',
    });
    await placeOrder(service);
    service.process.kill('SIGTERM');
    expect(await service.process.exit).toEqual({ code: 0, signal: null });
    expect(spansOf(receiver)).toMatchObject([{ name: 'POST /orders' }]);
    expect(receiver.metric('http.server.request.duration')?.points).toHaveLength(1);
  });
});

test('over TLS, with the authority that OTEL_EXPORTER_OTLP_CERTIFICATE names', async (context) => {
  skipUnless(context, await hasOpenssl(), { what: 'OpenSSL 3', get: 'apt-get install openssl' });
  await using directory = await temporaryDirectory();
  const authority = await createCertificateAuthority(directory.path);
  const { certificate, key } = await authority.issue();
  await using receiver = await openOtlpReceiver({ tls: { cert: certificate, key } });
  const file = join(directory.path, 'authority.pem');
  await writeFile(file, authority.certificate);
  await using service = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_CERTIFICATE: file,
  });
  await placeOrder(service);
  expect(await firstSpan(receiver)).toMatchObject({ name: 'POST /orders' });
});

describe('with nothing to send to', () => {
  test('a request has a trace all the same, which goes on with its caller', async () => {
    await using service = await start();
    await placeOrder(service, { traceparent: traceparent('01') });
    expect(await requestLine(service)).toMatchObject({ trace_id: traceId });
    await placeOrder(service);
    await waitFor(() => requestLines(service).length === 2, { what: 'the second line' });
    const [, own] = requestLines(service);
    expect(own).toMatchObject({ trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string });
    expect(own?.trace_id).not.toBe(traceId);
  });
});

describe('OTEL_TRACES_SAMPLER', () => {
  test.each([
    ['always_off', '1', '01', false],
    ['always_on', '1', '00', true],
    ['traceidratio', '0', '01', false],
    ['traceidratio', '1', '00', true],
    ['parentbased_always_on', '1', '00', false],
    ['parentbased_always_on', '1', '01', true],
    ['parentbased_always_off', '1', '01', true],
    ['parentbased_always_off', '1', undefined, false],
    ['parentbased_traceidratio', '0', undefined, false],
    ['parentbased_traceidratio', '0.0', '01', true],
  ])('%s with %s and the caller’s flags %s: recorded %s', async (sampler, ratio, flags, recorded) => {
    await using receiver = await openOtlpReceiver();
    const service = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_TRACES_SAMPLER: sampler,
      OTEL_TRACES_SAMPLER_ARG: ratio,
    });
    await placeOrder(service, flags ? { traceparent: traceparent(flags) } : {});
    const line = await requestLine(service);
    service.process.kill('SIGTERM');
    await service.process.exit;
    // Its ids are there whether it is recorded or not.
    expect(line?.trace_id).toMatch(flags ? traceId : /^[0-9a-f]{32}$/);
    const seen = spansOf(receiver).map(({ spanId }) => spanId);
    expect(seen).toEqual(recorded ? [line?.span_id] : []);
  });
});

describe('OTEL_PROPAGATORS', () => {
  const b3 = { b3: `${traceId}-${parentId}-1` };
  const b3multi = { 'x-b3-traceid': traceId, 'x-b3-spanid': parentId, 'x-b3-sampled': '1' };
  test.each([
    ['tracecontext', { traceparent: traceparent('01') }, true],
    ['baggage', { traceparent: traceparent('01') }, false],
    ['b3', b3, true],
    ['b3', { traceparent: traceparent('01') }, false],
    ['b3multi,baggage', b3multi, true],
    ['tracecontext,b3', b3, true],
    ['none', { traceparent: traceparent('01') }, false],
  ])('%s takes over %o: %s', async (propagators, headers, taken) => {
    await using service = await start({ OTEL_PROPAGATORS: propagators });
    await placeOrder(service, headers);
    const line = await requestLine(service);
    if (taken) expect(line?.trace_id).toBe(traceId);
    else expect(line?.trace_id).toMatch(new RegExp(`^(?!${traceId})[0-9a-f]{32}$`));
  });
});

test.each([
  ['OTEL_TRACES_SAMPLER', 'sometimes', '`parentbased_traceidratio`'],
  ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'a number from 0 to 1'],
  ['OTEL_PROPAGATORS', 'tracecontext,jaeger', '`b3multi`'],
  ['OTEL_PROPAGATORS', 'none,b3', '`none` must stand alone'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http', '`http/protobuf`, `http/json`, `grpc`'],
  ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'json', '`http/json`'],
  ['OTEL_TRACES_EXPORTER', 'jaeger', '`otlp`'],
  ['OTEL_METRICS_EXPORTER', 'statsd', '`prometheus`'],
  ['OTEL_METRIC_EXPORT_INTERVAL', '5s', 'a whole number from 1'],
  ['OTEL_BSP_MAX_QUEUE_SIZE', '0', 'a whole number from 1'],
])('%s=%s is a fault of the first stage', async (name, value, expected) => {
  await using failed = await runBuilt([], { [name]: value, PORT: '0', OPS_PORT: '0' });
  expect(await failed.exit).toMatchObject({ code: 78 });
  expect(failed.stderr).toContain(name);
  expect(failed.stderr).toContain(expected);
});

describe('a collector that is in trouble leaves the service unharmed', () => {
  const troubles: readonly [string, (receiver: OtlpReceiver) => Promise<{ url?: string; grpcUrl?: string } | void>][] =
    [
      [
        'is not there',
        async () => ({ url: `http://127.0.0.1:${await freePort()}`, grpcUrl: `http://127.0.0.1:${await freePort()}` }),
      ],
      ['never answers', async (receiver) => receiver.answer('hang')],
      ['refuses', async (receiver) => receiver.answer({ status: 400 })],
      ['asks to wait', async (receiver) => receiver.answer({ status: 503, headers: { 'retry-after': '3600' } })],
    ];
  describe.each(['http/protobuf', 'grpc'] as const)('over %s', (protocol) => {
    test.each(troubles)('when it %s: one line, a bounded queue, a count, and an end in time', async (_, cause) => {
      await using receiver = await openOtlpReceiver();
      const where = { url: receiver.url, grpcUrl: receiver.grpcUrl, ...(await cause(receiver)) };
      await using service = await start({
        OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? where.grpcUrl : where.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_TIMEOUT: '300',
        OTEL_BSP_MAX_QUEUE_SIZE: '10',
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5',
      });
      const lost = async (pattern: RegExp) => Number(pattern.exec(await exposed(service))?.[1] ?? 0);
      const failed = /^otel_sdk_processor_span_processed_total\{.*error_type="(?!queue_full).*\} (\d+)$/m;
      const dropped = /^otel_sdk_processor_span_processed_total\{.*error_type="queue_full".*\} (\d+)$/m;
      await waitFor(
        async () => {
          const answers = await Promise.all(Array.from({ length: 30 }, () => placeOrder(service)));
          expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
          return (await lost(failed)) >= 10 && (await lost(dropped)) > 0;
        },
        { what: 'spans to be lost, both because they cannot be sent and because the queue is full' },
      );
      expect(await lost(/^otel_sdk_processor_span_queue_size\{.*\} (\d+)$/m)).toBeLessThanOrEqual(10);

      const asked = performance.now();
      service.process.kill('SIGTERM');
      expect(await service.process.exit).toEqual({ code: 0, signal: null });
      expect(performance.now() - asked).toBeLessThan(10_000);
      const warnings = troublesOf(service).map(({ msg }) => String(msg));
      expect(warnings.filter((each) => each.startsWith('spans cannot be sent'))).toHaveLength(1);
      expect(warnings.filter((each) => each.startsWith('Dropped')).length).toBeLessThanOrEqual(1);
      expect(warnings.filter((each) => each.startsWith('not everything')).length).toBeLessThanOrEqual(1);
      expect(warnings.length, warnings.join('\n')).toBeLessThanOrEqual(3);
    });
  });

  test('when it is back, spans arrive again and the log says what was lost', async () => {
    await using receiver = await openOtlpReceiver();
    receiver.answer({ status: 400 });
    await using service = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    await placeOrder(service);
    await service.process.line('spans cannot be sent');
    receiver.answer('accept');
    await placeOrder(service);
    expect(await firstSpan(receiver)).toMatchObject({ name: 'POST /orders' });
    // Those of the request and its statements, and that of the event, some of which may be in another batch.
    const { lost } = JSON.parse(await service.process.line('spans are sent again')) as { lost: number };
    expect(lost).toBeGreaterThanOrEqual(1);
    expect(lost).toBeLessThanOrEqual(12);
  });
});
