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
  readonly stop?: Stop;
}

export interface Answer {
  /** `0` when there was none. */
  readonly status: number;
  readonly ms: number;
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
 */
export async function observe(folder: string): Promise<Observation> {
  const own = { PORT: '0', OPS_PORT: '0', LOG_FORMAT: 'json', SHUTDOWN_DELAY: '1s' };
  const env = { ...process.env, NODE_ENV: undefined, NODE_OPTIONS: undefined, ...own };
  const child = spawn(process.execPath, ['main.js'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    const links = await readyLinks(child);
    if (typeof links === 'string') return { failure: links, probes: {}, metrics: '', openapi: undefined };
    const ops = links.Health ? new URL(links.Health).origin : undefined;
    const probes: Record<string, Answer> = {};
    for (const path of ['/livez', '/readyz', '/startupz']) {
      const asked = performance.now();
      const status = ops ? await statusOf(`${ops}${path}`) : 0;
      probes[path] = { status, ms: Math.round(performance.now() - asked) };
    }
    const openapi = links.API ? await jsonOf(`${links.API}/openapi.json`) : undefined;
    const metrics = links.Metrics ? await textOf(links.Metrics) : '';
    return { probes, metrics, openapi, stop: await stop(child, `${ops}/readyz`) };
  } finally {
    child.kill('SIGKILL');
  }
}

/** What a service says is where, once it is ready; or why it never was. */
async function readyLinks(child: ChildProcess): Promise<Record<string, string | undefined> | string> {
  const time = AbortSignal.timeout(startLimitMs);
  let last = 'it wrote nothing';
  child.stderr?.on('data', (chunk: Buffer) => (last = chunk.toString().trim().split('\n').at(-1) ?? last));
  const lines = createInterface({ input: child.stdout!, signal: time });
  for await (const line of lines) {
    const { links, msg } = parse(line);
    if (links) {
      // What is not read would stop the service when the pipe is full.
      child.stdout?.resume();
      return links;
    }
    last = msg ?? line;
  }
  return time.aborted ? `it was not ready after ${startLimitMs / 1_000} s: ${last}` : `it ended: ${last}`;
}

function parse(line: string): { links?: Record<string, string>; msg?: string } {
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
