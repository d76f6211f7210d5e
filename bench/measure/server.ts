import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@org/testing';

/** What `nx build @org/bench` makes. */
export const bundle = join(import.meta.dirname, '../dist/main.js');

const startTimeoutMs = 60_000;

/** A server under test, alone on the first core. */
export interface Server extends AsyncDisposable {
  readonly port: number;
  /** From the start of the process until it was ready, in milliseconds. */
  readonly readyMs: number;
  /** CPU that its threads have used so far, in microseconds, as the scheduler counts it. */
  cpu(): number;
}

/** What is started. Default: the bench service, in its folder. */
interface StartOptions {
  readonly file?: string;
  readonly cwd?: string;
}

/** Starts a service with what differs from its defaults. Logs go to a file that keeps nothing. */
export async function startServer(
  environment: Readonly<Record<string, string>> = {},
  { file = bundle, cwd = dirname(file) }: StartOptions = {},
): Promise<Server> {
  const [port, opsPort] = [await freePort(), await freePort()];
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    SHUTDOWN_DELAY: '0s',
    PORT: String(port),
    OPS_PORT: String(opsPort),
    ...environment,
  };
  const startedAt = performance.now();
  const command = ['-c', '0', process.execPath, file];
  const child = spawn('taskset', command, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
  await untilReady(child, `http://localhost:${opsPort}/readyz`);
  const readyMs = performance.now() - startedAt;
  return {
    port,
    readyMs,
    cpu: () => cpuOf(child.pid!),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await exit;
      clearTimeout(timer);
    },
  };
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  while (performance.now() < deadline && child.exitCode === null) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await delay(5);
  }
  child.kill('SIGKILL');
  throw new Error(
    `Cannot measure: the service was not ready at ${url} within ${startTimeoutMs} ms. Its log would say why`,
  );
}

function cpuOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const times = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return times.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1_000;
}
