import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { waitFor } from './wait-for.ts';

/**
 * Sends a signal to a process, if it is still there. After SIGSTOP it resolves when each of its threads stands still: on a busy
 * machine that takes a while, in which it may still answer. Where the system does not say so, that is not waited for.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html (field 3)
 */
export async function sendSignal(pid: number, name: NodeJS.Signals): Promise<void> {
  signalIfThere(pid, name);
  if (name === 'SIGSTOP') await waitFor(() => statesOf(pid).every(isStill), { what: `process ${pid} to stop` });
}

/** Sends a signal to a process, or to a group by its negative number; nothing happens where it is gone. */
export function signalIfThere(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Of each thread; none where the process is gone, or the system has no such files. */
function statesOf(pid: number): (string | undefined)[] {
  const folder = `/proc/${pid}/task`;
  try {
    return readdirSync(folder).map((thread) => {
      const text = readFileSync(`${folder}/${thread}/stat`, 'utf8');
      return text.slice(text.lastIndexOf(')') + 2)[0];
    });
  } catch {
    // A thread that ended while it was looked at is looked for again.
    return existsSync(folder) ? [undefined] : [];
  }
}

/** Stopped, or ended and not yet forgotten. */
function isStill(state: string | undefined): boolean {
  return state === 'T' || state === 'Z';
}
