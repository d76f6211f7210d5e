import { setTimeout as delay } from 'node:timers/promises';
import { startProcess, type RunningProcess } from '@org/testing';

/** A program that is started again whenever it ends, as an orchestrator does. */
export interface Kept extends AsyncDisposable {
  readonly name: string;
  /** Ends it by SIGKILL. It comes back. */
  kill(): void;
  /** Ends it by SIGTERM for good, and gives what it exits with. */
  stop(): Promise<number | null>;
}

const pauseMs = 200;

export function keepRunning(name: string, file: string, env: Readonly<Record<string, string | undefined>>): Kept {
  let over = false;
  let current: RunningProcess | undefined;
  const keep = async () => {
    for (;;) {
      current = await startProcess(file, [], { env });
      const { code } = await current.exit;
      if (over) return code;
      await delay(pauseMs);
      if (over) return null;
    }
  };
  const ended = keep();
  const stop = async () => {
    over = true;
    current?.kill('SIGTERM');
    return ended;
  };
  return {
    name,
    kill: () => current?.kill('SIGKILL'),
    stop,
    async [Symbol.asyncDispose]() {
      over = true;
      await current?.[Symbol.asyncDispose]();
      await ended;
    },
  };
}
