import { readFileSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ServiceError } from '@org/errors';

/**
 * Keeps other processes of this machine away from a folder until it is disposed: two engines on the same files would destroy
 * them. What a process that died has left behind does not count.
 *
 * Each process puts down a file of its own and then looks for others: of two who come at the same time none may get the
 * folder, and never both do.
 *
 * @throws {ServiceError} failed_precondition, DATABASE_IN_USE, when somebody alive has it.
 */
export async function lockFolder(folder: string, shown: string): Promise<AsyncDisposable> {
  const own = `${folder}.lock.${process.pid}-${startOf(process.pid)}`;
  try {
    await writeFile(own, '', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw (error as { code?: string }).code === 'EEXIST' ? inUse(shown, process.pid) : error;
  }
  const free = () => rm(own, { force: true });
  try {
    for (const { file, pid, start } of await othersOf(own, `${basename(folder)}.lock.`)) {
      if (isAlive(pid, start)) throw inUse(shown, pid);
      await rm(file, { force: true });
    }
  } catch (error) {
    await free();
    throw error;
  }
  return { [Symbol.asyncDispose]: free };
}

async function othersOf(own: string, prefix: string) {
  const folder = dirname(own);
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix) && name !== basename(own));
  return names.map((name) => {
    const [pid = '', start = ''] = name.slice(prefix.length).split('-');
    return { file: join(folder, name), pid: Number(pid), start };
  });
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
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
  } catch {
    return '0';
  }
}

function inUse(shown: string, pid: number): ServiceError {
  const why = `process ${pid} has it open, and an embedded database has room for one. Stop that, or set DATABASE_URL to a server`;
  return new ServiceError('failed_precondition', `Cannot open the database at ${shown}: ${why}`, {
    reason: 'DATABASE_IN_USE',
  });
}
