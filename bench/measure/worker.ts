import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Done } from '../src/tasks.ts';

/** One process that does what is measured. */
export interface Worker<Task> extends AsyncDisposable {
  perform(task: Task): Promise<Done>;
}

/**
 * Starts a worker on the first core, in production.
 *
 * @param file Below `bench/src`.
 */
export async function startWorker<Task>(
  file: string,
  environment: Readonly<Record<string, string>>,
): Promise<Worker<Task>> {
  const path = join(import.meta.dirname, '../src', file);
  const child = spawn('taskset', ['-c', '0', process.execPath, '--conditions=@org/source', path], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { PATH: process.env.PATH, NODE_ENV: 'production', SHUTDOWN_DELAY: '0s', ...environment },
  });
  await answerOf(child);
  return {
    async perform(task) {
      child.send(task as object);
      const done = (await answerOf(child)) as Done;
      if (done.error !== undefined) throw new Error(`Cannot measure ${file}: ${done.error}`);
      return done;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const ending = new AbortController();
  const ended = once(child, 'exit', { signal: ending.signal }).then(([code]) => {
    throw new Error(`Cannot measure: a worker ended with ${String(code)}`);
  });
  try {
    const [answer] = (await Promise.race([once(child, 'message', { signal: ending.signal }), ended])) as [unknown];
    return answer;
  } finally {
    ending.abort();
    ended.catch(() => {});
  }
}
