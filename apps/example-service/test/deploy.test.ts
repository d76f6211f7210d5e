import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { exampleNewOrder } from '@org/example-service-contract';
import { startBuilt, type BuiltService } from '@org/service/testing';
import { skipUnless, temporaryDirectory, type SkippableContext } from '@org/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { main, post } from './built.ts';
import { readTelemetryPage, workspaceRoot } from './telemetry-page.ts';

const deploy = join(workspaceRoot, 'deploy');
const rulesFile = join(deploy, 'alerts/service.rules.yml');
const rules = readFileSync(rulesFile, 'utf8');
const dashboard = readFileSync(join(deploy, 'dashboards/service.json'), 'utf8');
const runbook = readFileSync(join(workspaceRoot, 'docs/runbook.md'), 'utf8');
const token = 'ops-token';

const promtool = (...args: string[]) => promisify(execFile)('promtool', args, { cwd: join(deploy, 'alerts') });
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const needPromtool = (context: SkippableContext) =>
  skipUnless(context, hasPromtool, { what: 'promtool', get: 'apt-get install --no-install-recommends prometheus' });

let service: BuiltService;
let exposed: string;
beforeAll(async () => {
  // Spans go nowhere, so that the metrics of their losses are there too.
  service = await startBuilt(main, {
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OPS_TOKEN: token },
  });
  await fetch(`${service.opsUrl}/readyz`);
  // A collection of garbage is measured once there was one: orders make garbage.
  await vi.waitFor(
    async () => {
      await Promise.all(Array.from({ length: 50 }, () => post(`${service.url}/orders`, exampleNewOrder)));
      exposed = await (await fetch(`${service.opsUrl}/metrics`)).text();
      expect(exposed).toContain('v8js_gc_duration');
    },
    { timeout: 30_000 },
  );
}, 60_000);
afterAll(() => service[Symbol.asyncDispose]());

/** The expressions of the dashboard, with values in place of its variables. */
function expressions(): string[] {
  const found: string[] = [];
  JSON.parse(dashboard, (key, value: unknown) => {
    if (key === 'expr') found.push(String(value));
    return value;
  });
  return found.map((each) => each.replaceAll('$__rate_interval', '5m').replaceAll(/\$(job|instance)/g, '.+'));
}

/** The names of metrics in PromQL: what stands before braces, a range, or ends as names of ours do. */
function metricsIn(promql: string): string[] {
  const bare = promql.replaceAll(/"[^"]*"/g, '""').replaceAll(/\b(?:by|on|without|ignoring) \([^)]*\)/g, '');
  const names = bare.matchAll(/(?<![\w:.])([a-z]\w*_\w+|up)(?![\w:(]|\s*(?:\(|=~?|!=))/g);
  return [...new Set([...names].map(([, name]) => name!))];
}

/** What is not there at once: it comes into being with the first batch, or while a request is at work. */
const later = ['otel_sdk_processor_span_processed_total', 'http_server_active_requests'];

/** `true` for what is on `/metrics`, or is listed in the page as something that this service does not have. */
function isKnown(name: string): boolean {
  const family = name.replace(/_(?:bucket|count|sum)$/, '');
  const others = readTelemetryPage().metrics.filter(({ expected }) => !expected);
  return (
    new RegExp(`^${name}[{ ]`, 'm').test(exposed) ||
    others.some(({ exposed: listed }) => listed === name || listed === family) ||
    ['up', ...later].includes(name)
  );
}

describe('/metrics of the built service', () => {
  test('is what promtool expects', async (context) => {
    needPromtool(context);
    const check = spawnSync('promtool', ['check', 'metrics'], { input: exposed, encoding: 'utf8' });
    expect(check.stdout + check.stderr).toBe('');
    expect(check.status).toBe(0);
  });
});

describe('the alert rules', () => {
  test('are valid, and fire when they should', async (context) => {
    needPromtool(context);
    expect((await promtool('check', 'rules', 'service.rules.yml')).stdout).toContain('SUCCESS');
    expect((await promtool('test', 'rules', 'service.rules.test.yml')).stdout).toContain('SUCCESS');
    // It goes through days minute by minute.
  }, 120_000);

  const alerts = [...rules.matchAll(/- alert: (\w+)$/gm)].map(([, name]) => name!);

  test('are all tried, each in a case in which it fires', () => {
    const tried = readFileSync(join(deploy, 'alerts/service.rules.test.yml'), 'utf8');
    expect(alerts.filter((name) => !tried.includes(`alertname="${name}"`))).toEqual([]);
  });

  test('name metrics that a service has', () => {
    const names = metricsIn(rules.replaceAll(/^\s*(?!.*[({]).*$/gm, (line) => (/^ {10}/.test(line) ? line : '')));
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !isKnown(name))).toEqual([]);
  });

  test('have a severity, and each its page in the runbook, which has no others', () => {
    const named = [...rules.matchAll(/runbook: docs\/runbook\.md#(\w+)$/gm)].map(([, anchor]) => anchor!);
    expect(named).toEqual(alerts.map((name) => name.toLowerCase()));
    expect([...rules.matchAll(/severity: (?:page|ticket)$/gm)]).toHaveLength(alerts.length);
    const headings = [...runbook.matchAll(/^## (\w+)$/gm)].map(([, heading]) => heading!);
    expect(headings).toEqual(alerts);
  });
});

describe('the runbook', () => {
  // What can be done with secrets, and with what was set aside, is tried in their libraries: there are none here.
  const paths = [...runbook.matchAll(/\$OPS(\/(?!dead-letters|outbox\/<|secrets)[\w/<>.-]*)/g)].map(
    ([, path]) => path!,
  );

  test.each([...new Set(paths)])('asks the ops port for what it has: %s', async (path) => {
    const method = path.startsWith('/profile/') ? 'POST' : path === '/loglevel' ? 'PUT' : 'GET';
    const answer = await fetch(service.opsUrl + path.replace('<check>', 'database').replace('/cpu', '/cpu?seconds=1'), {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(method === 'PUT' && { body: '{"level":"info"}' }),
    });
    await answer.arrayBuffer();
    expect(answer.status).toBe(200);
  });

  test('searches /metrics for what is there', () => {
    const searched = [...runbook.matchAll(/grep (?:-E )?'?\^?\(?([a-z]\w+_\w*\w)/g)].map(([, prefix]) => prefix!);
    expect(searched.length).toBeGreaterThan(5);
    const families = [...exposed.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
    const known = [...families, ...later];
    const missing = searched.filter(
      (prefix) => !known.some((name) => name.startsWith(prefix.replace(/_(?:count|sum)$/, ''))),
    );
    expect(missing).toEqual([]);
  });
});

describe('the dashboard', () => {
  test('asks for metrics that a service has', () => {
    const names = expressions().flatMap(metricsIn);
    expect(names.length).toBeGreaterThan(40);
    expect([...new Set(names)].filter((name) => !isKnown(name))).toEqual([]);
  });

  test('shows every metric that is not too fine for it', () => {
    const asked = new Set(
      expressions()
        .flatMap(metricsIn)
        .map((name) => name.replace(/_(?:bucket|count|sum)$/, '')),
    );
    const unasked = readTelemetryPage()
      .metrics.map(({ exposed: name }) => name)
      .filter((name) => !asked.has(name));
    expect(unasked).toEqual([
      'nodejs_eventloop_delay_min_seconds',
      'nodejs_eventloop_delay_mean_seconds',
      'nodejs_eventloop_delay_stddev_seconds',
      'nodejs_eventloop_delay_p50_seconds',
      'nodejs_eventloop_delay_p90_seconds',
      'nodejs_eventloop_time_seconds_total',
      'v8js_memory_heap_space_size_bytes',
      'v8js_memory_heap_space_available_size_bytes',
      'v8js_memory_heap_space_physical_size_bytes',
      'resilience_circuit_breaker_opened_total',
    ]);
  });

  test('asks in PromQL', async (context) => {
    needPromtool(context);
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'dashboard.rules.json');
    const recorded = [...new Set(expressions())].map((expr, index) => ({ record: `panel_${index}`, expr }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: recorded }] }));
    expect((await promtool('check', 'rules', file)).stdout).toContain('SUCCESS');
  });

  test('has panels that neither overlap nor share an id', () => {
    const { panels } = JSON.parse(dashboard) as {
      panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[];
    };
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { gridPos } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(x).toBeLessThan(24);
          expect(taken.has(`${x},${y}`)).toBe(false);
          taken.add(`${x},${y}`);
        }
      }
    }
  });
});
