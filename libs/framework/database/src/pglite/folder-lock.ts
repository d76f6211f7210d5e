import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { ServiceError } from '@org/errors';

/**
 * Keeps other processes of this machine away from a folder until it is disposed: two engines on the same files would destroy
 * them. What a process that died has left behind does not count.
 *
 * @throws {ServiceError} failed_precondition, DATABASE_IN_USE, when somebody alive has it.
 */
export async function lockFolder(folder: string, shown: string): Promise<AsyncDisposable> {
  const file = `${folder}.lock`;
  const own = `${process.pid} ${startOf(process.pid)}\n`;
  for (;;) {
    try {
      await writeFile(file, own, { flag: 'wx', mode: 0o600 });
      return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error;
    }
    const found = await readFile(file, 'utf8').catch(() => '');
    const [pid = '', start = ''] = found.trim().split(' ');
    if (isAlive(Number(pid), start) || !(await takeAway(file, found))) throw inUse(shown, pid);
  }
}

/** Takes the lock of a process that died. Another may do so at the same time: whose lock is there by then keeps it. */
async function takeAway(file: string, stale: string): Promise<boolean> {
  const aside = `${file}.${crypto.randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    return true;
  }
  const taken = await readFile(aside, 'utf8');
  if (taken !== stale) await link(aside, file).catch(() => {});
  await rm(aside);
  return taken === stale;
}

/** A number comes again, in containers nearly always as 1; together with when the process started it does not. */
function isAlive(pid: number, start: string): boolean {
  if (!(pid > 0) || startOf(pid) !== start) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one all the same.
    return (error as { code?: string }).code === 'EPERM';
  }
}

/**
 * When a process started, in ticks since the start of the system; the same for all where the system does not say.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html (field 22)
 */
function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
  } catch {
    return '-';
  }
}

function inUse(shown: string, pid: string): ServiceError {
  const why = `process ${pid} has it open, and an embedded database has room for one. Stop that, or set DATABASE_URL to a server`;
  return new ServiceError('failed_precondition', `Cannot open the database at ${shown}: ${why}`, {
    reason: 'DATABASE_IN_USE',
  });
}
