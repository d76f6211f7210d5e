import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

/** What a built service showed while it ran here, from its start to its stop. */
export interface Observation {
  /** Why there is nothing to tell; all else is then empty. */
  readonly failure?: string;
  /** What each probe answered, by its path. */
  readonly probes: Readonly<Record<string, Answer>>;
  /** The text of `/metrics` after a request. */
  readonly metrics: string;
  /** What `/openapi.json` answered. */
  readonly openapi: unknown;
  /** The checks of readiness, by their names. */
  readonly checks: Readonly<Record<string, HealthCheck>>;
  /** The migrations that its start applied. */
  readonly migrations: readonly string[];
  readonly stop?: Stop;
}

export interface Answer {
  /** `0` when there was none. */
  readonly status: number;
  readonly ms: number;
}

export interface HealthCheck {
  readonly kind: string;
  readonly status: string;
}

export interface Stop {
  /** Whether it said that it was not ready before it ended. */
  readonly unreadyFirst: boolean;
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  /** Whether it was still there at the end of the time that a stop may take. */
  readonly hung: boolean;
  readonly ms: number;
}

const startLimitMs = 30_000;
const stopLimitMs = 30_000;

/**
 * Starts `dist/main.js` on free ports as in development, asks what it answers, and stops it by SIGTERM. It ends in any case.
 *
 * @param folder Where the bundle is.
 * @param environment What it gets besides, such as where a database is that is gone with it.
 */
export async function observe(folder: string, environment: NodeJS.ProcessEnv = {}): Promise<Observation> {
  const own = { PORT: '0', OPS_PORT: '0', LOG_FORMAT: 'json', SHUTDOWN_DELAY: '1s', ...environment };
  const env = { ...process.env, NODE_ENV: undefined, NODE_OPTIONS: undefined, ...own };
  const child = spawn(process.execPath, ['main.js'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    const { links, failure, migrations } = await untilReady(child);
    if (!links) return { ...nothing, failure, migrations };
    const ops = links.Health ? new URL(links.Health).origin : undefined;
    const probes: Record<string, Answer> = {};
    for (const path of ['/livez', '/readyz', '/startupz']) {
      const asked = performance.now();
      const status = ops ? await statusOf(`${ops}${path}`) : 0;
      probes[path] = { status, ms: Math.round(performance.now() - asked) };
    }
    const readiness = ops ? ((await jsonOf(`${ops}/readyz`)) as Partial<Observation> | undefined) : undefined;
    const openapi = links.API ? await jsonOf(`${links.API}/openapi.json`) : undefined;
    const metrics = links.Metrics ? await textOf(links.Metrics) : '';
    const checks = readiness?.checks ?? {};
    return { probes, metrics, openapi, checks, migrations, stop: await stop(child, `${ops}/readyz`) };
  } finally {
    child.kill('SIGKILL');
  }
}

const nothing = { probes: {}, metrics: '', openapi: undefined, checks: {} };

interface Start {
  /** What a service says is where, once it is ready. */
  readonly links?: Readonly<Record<string, string | undefined>>;
  /** Why it never was. */
  readonly failure: string;
  readonly migrations: readonly string[];
}

async function untilReady(child: ChildProcess): Promise<Start> {
  const time = AbortSignal.timeout(startLimitMs);
  const migrations: string[] = [];
  let last = 'it wrote nothing';
  child.stderr?.on('data', (chunk: Buffer) => (last = chunk.toString().trim().split('\n').at(-1) ?? last));
  const lines = createInterface({ input: child.stdout!, signal: time });
  for await (const line of lines) {
    const { links, msg, migration } = parse(line);
    if (migration !== undefined) migrations.push(migration);
    if (links) {
      // What is not read would stop the service when the pipe is full.
      child.stdout?.resume();
      return { links, failure: '', migrations };
    }
    last = msg ?? line;
  }
  const failure = time.aborted ? `it was not ready after ${startLimitMs / 1_000} s: ${last}` : `it ended: ${last}`;
  return { failure, migrations };
}

function parse(line: string): { links?: Record<string, string>; msg?: string; migration?: string } {
  try {
    return JSON.parse(line) as object;
  } catch {
    return {};
  }
}

async function stop(child: ChildProcess, readyz: string): Promise<Stop> {
  const asked = performance.now();
  const exit = once(child, 'exit') as Promise<[number | null]>;
  child.kill('SIGTERM');
  let unreadyFirst = false;
  while (child.exitCode === null && child.signalCode === null && performance.now() - asked < stopLimitMs) {
    if ((await statusOf(readyz)) === 503) unreadyFirst = true;
    await Promise.race([exit, setTimeout(20)]);
  }
  const hung = child.exitCode === null && child.signalCode === null;
  return { unreadyFirst, exitCode: child.exitCode, hung, ms: Math.round(performance.now() - asked) };
}

const answerLimitMs = 5_000;

async function statusOf(url: string): Promise<number> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerLimitMs) });
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
}

async function textOf(url: string): Promise<string> {
  try {
    return await (await fetch(url, { signal: AbortSignal.timeout(answerLimitMs) })).text();
  } catch {
    return '';
  }
}

async function jsonOf(url: string): Promise<unknown> {
  try {
    return JSON.parse(await textOf(url));
  } catch {
    return undefined;
  }
}
