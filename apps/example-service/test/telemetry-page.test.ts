import { request } from 'node:http';
import { exampleNewOrder } from '@org/example-service-contract';
import { startBuilt, type BuiltService } from '@org/service/testing';
import { openOtlpReceiver, waitFor, type OtlpReceiver } from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main, post } from './built.ts';
import { namesIn, readTelemetryPage } from './telemetry-page.ts';

const page = readTelemetryPage();
const expected = page.metrics.filter((metric) => metric.expected);

let receiver: OtlpReceiver;
let service: BuiltService;
let exposed: string;

beforeAll(async () => {
  receiver = await openOtlpReceiver();
  service = await startBuilt(main, {
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_METRIC_EXPORT_INTERVAL: '1000',
      OTEL_BSP_SCHEDULE_DELAY: '20',
    },
  });
  await post(`${service.url}/orders`, exampleNewOrder);
  await fetch(`${service.url}/nowhere`);
  await fetch(`${service.url}/nowhere`, { method: 'PROPFIND' });
  await fetch(`${service.opsUrl}/readyz`);
  const read = async () => (exposed = await (await fetch(`${service.opsUrl}/metrics`)).text());
  // One is at work while others look: its body is on its way.
  const slow = request(`${service.url}/orders`, {
    method: 'POST',
    headers: { 'content-length': '1000', 'content-type': 'application/json' },
  });
  slow.on('error', () => {}).write('{');
  // Some have a first value only after a while: garbage must be collected, and a batch of spans be sent.
  const missing = async () => {
    const sent = new Set(receiver.metrics.map(({ name }) => name));
    const families = familiesOf(await read());
    return expected
      .filter(({ name, exposed: family }) => !sent.has(name) || !families.has(family))
      .map(({ name }) => name);
  };
  await waitFor(
    async () => {
      const left = await missing();
      if (left.length > 0) throw new Error(`Missing: ${left.join(', ')}`);
      return true;
    },
    { what: 'every metric of the page', timeoutMs: 15_000 },
  );
  slow.destroy();
  await waitFor(() => receiver.spans.length >= 3, { what: 'spans' });
});

afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await receiver?.[Symbol.asyncDispose]();
});

/** The types of the families of metrics by their names. */
function familiesOf(text: string): Map<string, string> {
  return new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name!, type!]));
}

describe('docs/telemetry.md lists each metric', () => {
  test('under the name and type that /metrics gives it', () => {
    const families = familiesOf(exposed);
    families.delete('target_info');
    const listed = new Map(expected.map(({ exposed: name, type }) => [name, type]));
    expect(Object.fromEntries(families)).toEqual(Object.fromEntries(listed));
  });

  test('under the name, type and unit that OpenTelemetry gives it, below the library that makes it', () => {
    const sent = receiver.metrics.map(({ name, unit, scope, type, monotonic }) => {
      const shown = type === 'histogram' ? 'histogram' : monotonic ? 'counter' : 'gauge';
      return `${scope.startsWith('@opentelemetry/') ? "OpenTelemetry's SDK" : scope} ${name} ${shown} [${unit}]`;
    });
    const listed = expected.map(({ library, name, type, unit }) => `${library} ${name} ${type} [${unit}]`);
    expect(sent.sort()).toEqual(listed.sort());
  });

  test('with the labels that it has, and no others', () => {
    for (const { name, points } of receiver.metrics) {
      const listed = expected.find((metric) => metric.name === name)?.labels ?? [];
      const seen = new Set(points.flatMap(({ attributes }) => Object.keys(attributes)));
      for (const label of seen) expect(listed, name).toContain(label);
    }
  });

  test('with the description that the code has', () => {
    for (const { name, description, scope } of receiver.metrics) {
      const listed = expected.find((metric) => metric.name === name)?.meaning ?? '';
      // The page may say more, and says it of the SDK's in its own words.
      if (!scope.startsWith('@opentelemetry/')) expect(listed).toContain(description.replace(/\.$/, ''));
    }
  });
});

describe('docs/telemetry.md lists each span', () => {
  test('with its kind and attributes, and no others', () => {
    const kinds = ['', 'internal', 'server', 'client', 'producer', 'consumer'];
    for (const { scope, kind, attributes, name } of receiver.spans) {
      const row = page.spans.find(([library, , listed]) => library === scope && listed === kinds[kind]);
      expect(row, `a row for ${scope}, ${kinds[kind]}`).toBeDefined();
      for (const attribute of Object.keys(attributes)) expect(namesIn(row![3]), name).toContain(attribute);
    }
    const seen = new Set(receiver.spans.flatMap(({ attributes }) => Object.keys(attributes)));
    const [rest] = page.spans.filter(([library]) => library === '@org/api-rest');
    // Nothing fails here, and nobody gives up waiting.
    seen.add('error.type');
    expect(namesIn(rest![3]).filter((attribute) => !seen.has(attribute))).toEqual([]);
    expect(new Set(receiver.spans.map(({ name }) => name))).toEqual(
      new Set([
        ...['POST /orders', 'GET', 'HTTP', 'publish orders.order.placed.v1'],
        ...['BEGIN', 'INSERT orders', 'INSERT outbox', 'COMMIT'],
      ]),
    );
  });
});
