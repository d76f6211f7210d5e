import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Finding } from './limits.ts';
import { median, type RoundsOptions } from './rounds.ts';
import { bundle } from './server.ts';
import { openSink } from './sink.ts';
import { table } from './table.ts';

const endpoints = ['hello', 'user', 'order'] as const;

/** What the benchmark of the other servers writes about each. */
interface Measured {
  readonly endpoints: Readonly<Record<string, readonly { readonly cpu: number; readonly errors: number }[]>>;
  readonly startup: readonly number[];
  readonly contract?: readonly string[];
  readonly rss: number;
}

export interface PeersOptions extends RoundsOptions {
  /** The folder of the benchmark of the other servers. It is copied, so that nothing is installed in it. */
  readonly peers: string;
  /** How many starts are timed. */
  readonly starts: number;
}

/** Our service in one run with FULL Fastify and FULL NestJS on Express; gives the ratios, and a table of the figures. */
export async function measurePeers(options: PeersOptions): Promise<{ findings: Finding[]; figures: string }> {
  const { peers, rounds, seconds, starts } = options;
  const source = resolve(peers);
  if (!existsSync(join(source, 'run.mjs'))) {
    throw new Error(
      `Cannot measure beside other servers: there is no run.mjs in ${source}. Name the folder by --peers`,
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'bench-peers-'));
  await using sink = await openSink();
  try {
    cpSync(source, folder, { recursive: true });
    for (const command of [
      ['ci', '--no-audit', '--no-fund'],
      ['run', 'build'],
    ]) {
      execFileSync('npm', command, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    }
    const child = spawn(
      join(folder, 'node_modules/.bin/node'),
      [
        'run.mjs',
        ...['--only', 'fastify-full,nest-express-full', '--base', 'fastify-full', '--ref', 'nest-express-full'],
        ...['--rounds', String(rounds), '--secs', String(seconds), '--startup', String(starts), '--out', 'ours'],
        ...ours('default', {}),
        ...ours('sending', sink.environment),
        ...['--target-cwd', dirname(bundle), '--metrics-port', '19464', '--ready-path', '/livez'],
      ],
      { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const [code] = (await once(child, 'exit')) as [number];
    if (code !== 0) throw new Error(`Cannot measure beside other servers: their benchmark ended with ${code}`);
    const { servers } = JSON.parse(readFileSync(join(folder, 'results/ours.json'), 'utf8')) as {
      servers: Record<string, Measured>;
    };
    return { findings: findingsOf(servers), figures: figuresOf(servers) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One of ours: as it is by default, or with one trace in ten sent, as the others have it (their exporter drops it). */
function ours(name: string, environment: Readonly<Record<string, string>>): string[] {
  const [port, opsPort] = name === 'default' ? ['13900', '19464'] : ['13901', '19465'];
  const variables = { ...environment, OPS_PORT: opsPort, SHUTDOWN_DELAY: '0s' };
  const assignments = Object.entries(variables).map(([variable, value]) => `${variable}=${value}`);
  const command = `env ${assignments.join(' ')} ${process.execPath} ${bundle}`;
  return ['--target', command, '--name', `ours, ${name}`, '--port', port];
}

function findingsOf(servers: Readonly<Record<string, Measured>>): Finding[] {
  const fastify = servers['fastify-full']!;
  const nest = servers['nest-express-full']!;
  return Object.entries(servers)
    .filter(([name]) => name.startsWith('ours'))
    .flatMap(([name, measured]) => {
      if (measured.contract?.length) throw new Error(`${name} does not do its work: ${measured.contract.join('; ')}`);
      return [
        ...endpoints.map((each) =>
          finding(`${name}: CPU of ${each}, to FULL Fastify`, cpu(measured, each), cpu(fastify, each), 0.5),
        ),
        ...endpoints.map((each) =>
          finding(`${name}: CPU of ${each}, to FULL NestJS`, cpu(measured, each), cpu(nest, each), 0.3),
        ),
        finding(`${name}: start, to FULL Fastify`, median(measured.startup), median(fastify.startup), 0.5),
        finding(`${name}: resident memory under load, to FULL Fastify`, measured.rss, fastify.rss, 0.8),
      ];
    });
}

function finding(what: string, value: number, other: number, atMost: number): Finding {
  return { what, value: value / other, atMost };
}

function cpu({ endpoints: measured }: Measured, endpoint: string): number {
  return median(measured[endpoint]!.map((round) => round.cpu));
}

function figuresOf(servers: Readonly<Record<string, Measured>>): string {
  const head = ['', ...endpoints.map((each) => `${each}, µs`), 'start, ms', 'memory, MB'];
  return table(
    head,
    Object.entries(servers).map(([name, measured]) => [
      name,
      ...endpoints.map((each) => cpu(measured, each).toFixed(1)),
      median(measured.startup).toFixed(0),
      measured.rss.toFixed(0),
    ]),
  );
}
