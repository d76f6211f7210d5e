import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { TraceFlags, context, diag, metrics, propagation, trace, type Span } from '@opentelemetry/api';
import { readSettings, type Environment } from '@org/config';
import { createCall, currentCall, runInCall } from '@org/context';
import { openMetrics } from '@org/metrics';
import { collectLogger, freePort } from '@org/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { unregisterGlobals } from './globals.ts';
import { openTelemetry } from './open-telemetry.ts';
import { telemetrySettings } from './settings.ts';

const service = { name: 'orders', version: '1.2.3' };

async function start(environment: Environment = {}) {
  const { settings } = readSettings({ telemetry: telemetrySettings }, { environment, service: 'orders', schemes: [] });
  const exposition = await openMetrics();
  const logger = collectLogger();
  const options = { service, metrics: exposition, logger, environment };
  const telemetry = await openTelemetry(settings.telemetry!, options);
  return { telemetry, exposition, logger, [Symbol.asyncDispose]: () => telemetry[Symbol.asyncDispose]() };
}

/** A collector on a free port. */
async function listen(handler: RequestListener) {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Makes a span in the context, or from the headers, that a call has. */
function inSpan<Result>(work: (span: Span) => Result, headers: object = {}): Result {
  const parent = propagation.extract(context.active(), headers);
  return trace.getTracer('test').startActiveSpan('GET /orders', {}, parent, (span) => {
    try {
      return work(span);
    } finally {
      span.end();
    }
  });
}

function headersOut(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

afterEach(unregisterGlobals);

describe('with no endpoint', () => {
  test('nothing is connected to, from the start to the end of the stop', async () => {
    const connected: unknown[] = [];
    const note = (message: unknown) => connected.push(message);
    subscribe('net.client.socket', note);
    const { telemetry, logger } = await start();
    inSpan(() => {});
    inSpan(() => {}, { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` });
    metrics.getMeter('test').createCounter('orders').add(1);
    await telemetry[Symbol.asyncDispose]();
    unsubscribe('net.client.socket', note);
    expect(telemetry.spans).toBe('local');
    expect(connected).toEqual([]);
    expect(logger.lines).toEqual([]);
  });

  test('each call has a trace of its own, which goes out unsampled, with baggage', async () => {
    await using _ = await start();
    const first = inSpan((span) => ({ ...span.spanContext(), recording: span.isRecording(), out: headersOut() }));
    const second = inSpan((span) => span.spanContext(), { baggage: 'tenant=a' });
    expect(first.traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    expect(first).toMatchObject({ traceFlags: TraceFlags.NONE, recording: false });
    expect(first.out).toEqual({ traceparent: `00-${first.traceId}-${first.spanId}-00` });
    expect(second.traceId).not.toBe(first.traceId);
    expect(inSpan(headersOut, { baggage: 'tenant=a' }).baggage).toBe('tenant=a');
  });

  test.each(['00', '01'])("a caller's trace goes on with the caller's decision: %s", async (flags) => {
    await using _ = await start();
    const traceId = 'a'.repeat(32);
    const out = inSpan(headersOut, { traceparent: `00-${traceId}-${'b'.repeat(16)}-${flags}`, tracestate: 'x=1' });
    expect(out.traceparent).toMatch(new RegExp(`^00-${traceId}-(?!b{16})[0-9a-f]{16}-${flags}$`));
    expect(out.tracestate).toBe('x=1');
  });

  test('a span is active in the calls below it, and they keep their call', async () => {
    await using _ = await start();
    using call = createCall({ requestId: 'r-1' });
    await runInCall(call, () =>
      inSpan(async (span) => {
        await Promise.resolve();
        expect(trace.getActiveSpan()).toBe(span);
        expect(currentCall()?.requestId).toBe('r-1');
      }),
    );
  });
});

describe('with an endpoint', () => {
  interface Received {
    resourceSpans: {
      resource: { attributes: { key: string; value: { stringValue: string } }[] };
      scopeSpans: object[];
    }[];
  }

  test('a span arrives with the service that it is of; the variables need not be those of the process', async () => {
    const received: { url: string | undefined; key: unknown; body: Received }[] = [];
    await using collector = await listen((request, response) => {
      void json(request).then((body) => {
        received.push({ url: request.url, key: request.headers['x-key'], body: body as Received });
        response.setHeader('content-type', 'application/json').end('{}');
      });
    });
    const before = { ...process.env };
    const { telemetry } = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=k1',
    });
    expect(telemetry.spans).toBe('sent');
    expect(process.env).toEqual(before);
    inSpan((span) => expect(span.isRecording()).toBe(true));
    await telemetry[Symbol.asyncDispose]();

    expect(received).toMatchObject([{ url: '/v1/traces', key: 'k1' }]);
    const [{ resource, scopeSpans }] = received[0]!.body.resourceSpans as [Received['resourceSpans'][number]];
    const attributes = resource.attributes.map(({ key, value }) => [key, value.stringValue]);
    expect(Object.fromEntries(attributes)).toMatchObject({ 'service.name': 'orders', 'service.version': '1.2.3' });
    expect(scopeSpans).toMatchObject([{ spans: [{ name: 'GET /orders' }] }]);
  });

  test('that refuses, stopping does not fail, and the log says so', async () => {
    const { telemetry, logger } = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
      OTEL_LOG_LEVEL: 'none',
    });
    inSpan(() => {});
    await telemetry[Symbol.asyncDispose]();
    expect(logger.lines).toMatchObject([
      { level: 'warn', logger: 'opentelemetry', fields: { reason: expect.any(String), spans: 1 } },
    ]);
    expect(logger.lines[0]?.message).toContain('OTEL_EXPORTER_OTLP_ENDPOINT');
  });

  test('that answers with a book, the log has a line of it', async () => {
    await using collector = await listen((_, response) => response.writeHead(400).end('x'.repeat(1_000_000)));
    const { telemetry, logger } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    inSpan(() => {});
    await telemetry[Symbol.asyncDispose]();
    expect(logger.lines.map(({ message }) => message.split(';')[0])).toEqual([
      'spans cannot be sent',
      'not everything could be sent',
    ]);
    expect(JSON.stringify(logger.lines.map(({ fields }) => fields)).length).toBeLessThan(1_000);
  });

  test('that never answers, stopping ends after its 3 s', async () => {
    await using collector = await listen(() => {});
    const { telemetry, logger } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    inSpan(() => {});
    const startedAt = performance.now();
    await telemetry[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).toBeLessThan(6_000);
    expect(logger.lines.at(-1)?.fields.reason).toContain('it was given 3000 ms');
  });
});

describe('OTEL_SDK_DISABLED=true', () => {
  test('makes no spans, and the metrics still answer', async () => {
    await using running = await start({ OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
    expect(running.telemetry.spans).toBe('off');
    expect(inSpan((span) => trace.isSpanContextValid(span.spanContext()))).toBe(false);
    expect(await running.exposition.expose()).toBe('# telemetry is off\n');
  });
});

describe('the resource', () => {
  function targetInfo(text: string): Record<string, string> {
    const [, labels = ''] = /^target_info\{(.*)\} 1$/m.exec(text) ?? [];
    return Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
  }

  test('is the service and the SDK, with no command line, user or host', async () => {
    await using first = await start();
    const info = targetInfo(await first.exposition.expose());
    expect(info).toEqual({
      service_name: 'orders',
      service_version: '1.2.3',
      service_instance_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      telemetry_sdk_language: 'nodejs',
      telemetry_sdk_name: 'opentelemetry',
      telemetry_sdk_version: expect.any(String) as string,
    });
    await using second = await start();
    const other = targetInfo(await second.exposition.expose());
    expect(other.service_instance_id).not.toBe(info.service_instance_id);
  });

  test('takes over what OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME say', async () => {
    await using running = await start({
      OTEL_RESOURCE_ATTRIBUTES:
        'service.name=ignored,service.version=9,deployment.environment.name=test,k8s.pod.name=a%20b',
      OTEL_SERVICE_NAME: 'orders-eu',
    });
    expect(targetInfo(await running.exposition.expose())).toMatchObject({
      service_name: 'orders-eu',
      service_version: '9',
      deployment_environment_name: 'test',
      k8s_pod_name: 'a b',
    });
  });
});

describe('several in one process', () => {
  test('one after the other measure for themselves', async () => {
    for (const round of [1, 2]) {
      const { telemetry, exposition } = await start();
      metrics.getMeter('test').createCounter('orders', { description: 'Orders.' }).add(round);
      expect(await exposition.expose()).toContain(`\norders_total ${round}\n`);
      await telemetry[Symbol.asyncDispose]();
      expect(await exposition.expose()).toBe('# telemetry is off\n');
      expect(inSpan((span) => trace.isSpanContextValid(span.spanContext()))).toBe(false);
    }
  });

  test('the one that started last stays in force when another stops', async () => {
    const first = await start();
    await using second = await start();
    await first.telemetry[Symbol.asyncDispose]();
    metrics.getMeter('test').createCounter('orders').add(1);
    expect(await second.exposition.expose()).toContain('orders_total 1');
    expect(inSpan((span) => trace.isSpanContextValid(span.spanContext()))).toBe(true);
    expect([...first.logger.lines, ...second.logger.lines]).toEqual([]);
  });

  test('starting two at once leaves one in force', async () => {
    const started = await Promise.all([start(), start()]);
    metrics.getMeter('test').createCounter('orders').add(1);
    const texts = await Promise.all(started.map(({ exposition }) => exposition.expose()));
    expect(texts.filter((text) => text.includes('orders_total 1'))).toHaveLength(1);
    for (const { telemetry, logger } of started) {
      await telemetry[Symbol.asyncDispose]();
      expect(logger.lines).toEqual([]);
    }
  });

  test('stopping twice is stopping once', async () => {
    const { telemetry, logger } = await start();
    await Promise.all([telemetry[Symbol.asyncDispose](), telemetry[Symbol.asyncDispose]()]);
    await telemetry[Symbol.asyncDispose]();
    expect(logger.lines).toEqual([]);
  });
});

describe('what the SDK says about itself', () => {
  test('goes to the log from its level on', async () => {
    await using running = await start();
    diag.error('an error');
    diag.warn('a warning', { a: 1 });
    diag.info('not said');
    expect(running.logger.lines).toMatchObject([
      { level: 'error', logger: 'opentelemetry', message: 'an error' },
      { level: 'warn', message: 'a warning', fields: { details: [{ a: 1 }] } },
    ]);
  });

  test.each([
    ['none', 0],
    ['ERROR', 1],
    ['warn', 2],
    ['info', 3],
    ['debug', 4],
    ['verbose', 5],
    ['all', 5],
  ])('OTEL_LOG_LEVEL=%s', async (level, expected) => {
    await using running = await start({ OTEL_LOG_LEVEL: level });
    const before = running.logger.lines.length;
    for (const method of ['error', 'warn', 'info', 'debug', 'verbose'] as const) diag[method](method);
    expect(running.logger.lines.length - before).toBe(expected);
  });

  test('shows an error that it wrote as JSON as an error', async () => {
    await using running = await start();
    diag.error(JSON.stringify({ name: 'TypeError', message: 'gone', stack: 'TypeError: gone' }));
    diag.error('{not JSON');
    expect(running.logger.lines).toMatchObject([
      { message: 'the SDK failed: gone', fields: { err: { type: 'TypeError', stack: 'TypeError: gone' } } },
      { message: '{not JSON', fields: {} },
    ]);
  });

  test('a variable without effect is named', async () => {
    await using running = await start({ OTEL_LOGS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: '' });
    expect(running.logger.lines).toMatchObject([{ level: 'warn' }]);
    expect(running.logger.lines[0]?.message).toMatch(/^OTEL_LOGS_EXPORTER has no effect/);
  });
});
