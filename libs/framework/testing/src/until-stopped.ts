import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { waitFor } from './wait-for.ts';

/**
 * Waits until each thread of a process that was sent SIGSTOP stands still: on a busy machine that takes a while, in which it may
 * still answer. Where the system does not say, there is nothing to wait for.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html (field 3)
 */
export async function untilStopped(pid: number): Promise<void> {
  const threads = `/proc/${pid}/task`;
  if (!existsSync(threads)) return;
  const stateOf = (thread: string) => {
    const text = readFileSync(`${threads}/${thread}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2)[0];
  };
  await waitFor(() => readdirSync(threads).every((thread) => stateOf(thread) === 'T'), { what: `${pid} to stop` });
}
