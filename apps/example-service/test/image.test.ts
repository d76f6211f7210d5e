import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { exampleNewOrder } from '@org/example-service-contract';
import { openOtlpReceiver, skipUnless, waitFor } from '@org/testing';
import { expect, test } from 'vitest';
import { post } from './built.ts';

const app = join(import.meta.dirname, '..');
const docker = (...args: string[]) => execFileSync('docker', args, { encoding: 'utf8', timeout: 60_000 }).trim();
const engine = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 5_000 }).status === 0;

test('the image runs without rights, on a read-only file system, in 1 GiB with its database, and stops with exit code 0', async (context) => {
  skipUnless(context, engine, {
    what: 'a Docker engine',
    get: 'start one, or name it in DOCKER_HOST',
    obtainable: false,
  });
  execFileSync(process.execPath, ['../../tools/src/docker-build.ts', '--quiet'], { cwd: app, stdio: 'inherit' });

  // The container reaches this machine under a name that it is given.
  await using receiver = await openOtlpReceiver({ host: '0.0.0.0' });
  const collector = `http://host.docker.internal:${new URL(receiver.url).port}`;
  const sending = { ENDPOINT: collector, PROTOCOL: 'http/protobuf' };
  const telemetry = [
    '--add-host=host.docker.internal:host-gateway',
    ...Object.entries(sending).flatMap(([key, value]) => ['-e', `OTEL_EXPORTER_OTLP_${key}=${value}`]),
    ...['-e', 'OTEL_METRICS_EXPORTER=otlp', '-e', 'OTEL_METRIC_EXPORT_INTERVAL=1000'],
  ];
  const name = `example-service-test-${process.pid}`;
  // The database inside the process alone takes half of it.
  const limits = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--memory', '1g'];
  const ports = ['-p', '127.0.0.1::3000', '-p', '127.0.0.1::9464'];
  const settings = ['DATABASE_URL=pglite:memory', 'BROKER_URL=memory:', 'SHUTDOWN_DELAY=0s'];
  const environment = settings.flatMap((setting) => ['-e', setting]);
  try {
    docker('run', '-d', '--name', name, ...limits, ...ports, ...environment, ...telemetry, 'example-service:latest');
    const [api, ops] = ['3000', '9464'].map((port) => `http://${docker('port', name, port).split('\n')[0]}`);
    await waitFor(async () => (await fetch(`${ops}/readyz`)).status === 200, { what: 'readiness', timeoutMs: 30_000 });

    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    expect((await post(`${api}/orders`, exampleNewOrder, { traceparent })).status).toBe(201);
    expect((await fetch(`${api}/docs/`)).status).toBe(200);
    expect(await (await fetch(`${ops}/info`)).json()).toMatchObject({ name: 'example-service', version: '0.0.1' });
    expect(JSON.parse(docker('exec', name, 'node', 'main.js', 'describe'))).toMatchObject({ name: 'example-service' });

    // Span, measurement and log line of one request, joined by its trace.
    const span = await waitFor(() => receiver.spans.find((each) => each.traceId === traceId), { what: 'the span' });
    expect(span).toMatchObject({ name: 'POST /orders', parentSpanId: 'b7ad6b7169203331' });
    await waitFor(() => receiver.metric('http.server.request.duration'), { what: 'the measurement' });
    expect(docker('logs', name)).toContain(`"trace_id":"${traceId}"`);

    docker('stop', name);
    expect(docker('inspect', '--format', '{{.State.ExitCode}}', name)).toBe('0');
  } finally {
    spawnSync('docker', ['rm', '--force', name], { timeout: 60_000 });
  }
}, 180_000);
