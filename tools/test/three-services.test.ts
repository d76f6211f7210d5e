import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, openOtlpReceiver, waitFor, type OtlpReceiver, type ReceivedSpan } from '@org/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../src/generators/connect/generator.ts';
import { route } from '../src/generators/route/generator.ts';
import { service } from '../src/generators/service/generator.ts';
import { createCommittedScratch, generate } from './generate.ts';
import { scope } from './scratch.ts';

// The way of a team: three services are generated, connected in a chain, and each handler is written by hand. Then they are
// started together from source by one command, `nx up shop`.

const names = ['shop', 'pricing', 'stock'] as const;
const things = { shop: 'offers', pricing: 'prices', stock: 'levels' } as const;

const scratch = createCommittedScratch();
let receiver: OtlpReceiver;
let together: ChildProcess;
let output = '';
let ports: number[];

beforeAll(async () => {
  for (const name of names) await generate(scratch.root, (tree) => service(tree, { name }));
  for (const name of names) {
    await generate(scratch.root, (tree) => route(tree, { service: name, endpoint: `GET /${things[name]}/:id` }));
  }
  await generate(scratch.root, (tree) => connect(tree, { from: 'shop', to: 'pricing' }));
  await generate(scratch.root, (tree) => connect(tree, { from: 'pricing', to: 'stock' }));
  callOn('shop', 'offer', 'pricing', 'price');
  callOn('pricing', 'price', 'stock', 'level');
  scratch.write(
    'apps/stock/src/routes/levels.ts',
    `import { setTimeout } from 'node:timers/promises';
import { implement } from '${scope}/api-rest';
import { getLevel } from '${scope}/stock-contract';

export const levelRoutes = () => [
  implement(getLevel, async ({ params }, { request, signal }) => {
    if (params.id === 'slow') await setTimeout(60_000, undefined, { signal });
    return { id: String(request.headers['x-request-timeout']) };
  }),
];
`,
  );

  receiver = await openOtlpReceiver();
  ports = await freePorts(names.length * 2);
  names.forEach((name, index) => {
    const lines = {
      PORT: ports[index * 2],
      OPS_PORT: ports[index * 2 + 1],
      PRICING_URL: `http://localhost:${ports[2]}`,
      STOCK_URL: `http://localhost:${ports[4]}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: 100,
      LOG_FORMAT: 'json',
    };
    const text = Object.entries(lines).map(([key, value]) => `${key}=${value}\n`);
    scratch.write(`apps/${name}/.env`, text.join(''));
  });
  together = start('nx', 'up', 'shop');
  await waitFor(() => names.every((_, index) => isReady(ports[index * 2 + 1]!)), {
    what: 'three services',
    timeoutMs: 60_000,
  }).catch((error: unknown) => {
    throw new Error(output, { cause: error });
  });
}, 180_000);

afterAll(async () => {
  if (together?.exitCode === null) {
    together.kill('SIGINT');
    await once(together, 'exit');
  }
  await receiver?.[Symbol.asyncDispose]();
  scratch[Symbol.dispose]();
}, 60_000);

test('one request is one trace across all three, each call below the one that made it', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const response = await ask('7', { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'x-request-id': 'one' });
  expect(response.status, output).toBe(200);
  const spans = await waitFor(
    () => {
      const found = receiver.spans.filter((span) => span.traceId === traceId);
      return found.length >= 5 ? found : undefined;
    },
    { what: 'five spans', timeoutMs: 10_000 },
  );
  expect(chainOf(spans, '00f067aa0ba902b7')).toEqual([
    'GET /offers/:id',
    'GET /prices/:id',
    'GET /prices/:id',
    'GET /levels/:id',
    'GET /levels/:id',
  ]);
  const lines = logLines().filter((line) => line.request_id === 'one');
  expect(lines.map((line) => line.service).sort()).toEqual(['pricing', 'shop', 'stock']);
  expect(new Set(lines.map((line) => line.trace_id))).toEqual(new Set([traceId]));
});

test('they share one deadline: what is left of it arrives at the last', async () => {
  const response = await ask('7', { 'x-request-timeout': '5000' });
  const { id } = (await response.json()) as { id: string };
  expect(Number(id)).toBeGreaterThan(1_000);
  expect(Number(id)).toBeLessThan(5_000);
});

test('when the time is over all three stop, at the same time', async () => {
  const asked = performance.now();
  const response = await ask('slow', { 'x-request-timeout': '500', 'x-request-id': 'late' });
  expect(response.status).toBe(504);
  expect(performance.now() - asked).toBeLessThan(5_000);
  const lines = await waitFor(
    () => {
      const found = logLines().filter((line) => line.request_id === 'late' && line.msg === 'request');
      return found.length === 3 ? found : undefined;
    },
    { what: 'a line of each service' },
  );
  expect(lines.map((line) => line.service).sort()).toEqual(['pricing', 'shop', 'stock']);
});

test('Ctrl-C ends all of them', async () => {
  together.kill('SIGINT');
  await once(together, 'exit');
  for (const port of ports) await expect(fetch(`http://localhost:${port}/livez`)).rejects.toThrow();
}, 60_000);

/** Has a handler ask the next service, as its team writes it. */
function callOn(name: string, thing: string, next: string, asked: string): void {
  const title = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  const plural = things[name as keyof typeof things];
  scratch.write(
    `apps/${name}/src/routes/${plural}.ts`,
    `import type { Client } from '${scope}/api-client';
import { implement } from '${scope}/api-rest';
import { get${title(thing)} } from '${scope}/${name}-contract';
import type { contract } from '${scope}/${next}-contract';

export const ${thing}Routes = (${next}: Client<typeof contract>) => [
  implement(get${title(thing)}, ({ params }) => ${next}.get${title(asked)}({ params })),
];
`,
  );
  const main = join(scratch.root, 'apps', name, 'src/main.ts');
  scratch.write(
    `apps/${name}/src/main.ts`,
    readFileSync(main, 'utf8').replace(`${thing}Routes()`, `${thing}Routes(${next})`),
  );
}

function start(command: string, ...line: string[]): ChildProcess {
  const inherited = Object.entries(process.env).filter(([key]) => !/^(NX_|NODE_OPTIONS$|CI$|FORCE_COLOR$)/.test(key));
  const bin = join(scratch.root, 'node_modules/.bin');
  const env = {
    ...Object.fromEntries(inherited),
    PATH: `${bin}:${process.env.PATH}`,
    NX_DAEMON: 'false',
    NO_COLOR: '1',
  };
  const child = spawn(join(bin, command), line, { cwd: scratch.root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  return child;
}

const ask = (id: string, headers: Record<string, string>) =>
  fetch(`http://localhost:${ports[0]}/offers/${id}`, { headers });

const ready = new Set<number>();
function isReady(port: number): boolean {
  void fetch(`http://localhost:${port}/readyz`).then(
    (response) => response.status === 200 && ready.add(port),
    () => {},
  );
  return ready.has(port);
}

function logLines(): Record<string, unknown>[] {
  return output.split('\n').flatMap((line) => {
    const start = line.indexOf('{"level"');
    return start < 0 || !line.endsWith('}') ? [] : [JSON.parse(line.slice(start)) as Record<string, unknown>];
  });
}

/** The names of spans from the caller's down, each the only child of the one before. */
function chainOf(spans: readonly ReceivedSpan[], parent: string): string[] {
  const [child, ...others] = spans.filter(({ parentSpanId }) => parentSpanId === parent);
  if (others.length > 0) throw new Error(`Expected one span below ${parent}, got ${others.length + 1}`);
  return child ? [child.name, ...chainOf(spans, child.spanId)] : [];
}
