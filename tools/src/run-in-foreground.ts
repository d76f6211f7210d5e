import { spawn } from 'node:child_process';

/**
 * Runs a program in this one's stead until it ends, and ends as it does. One Ctrl-C arrives here more than once, from the
 * terminal and from Nx, and a service takes a second signal as the wish to end at once. So the program runs in a process
 * group of its own, and gets from here one signal, or after a while the last.
 */
export function runInForeground(command: string, line: readonly string[]): void {
  const child = spawn(command, line, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
  let askedAt: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (askedAt === undefined) child.kill(signal);
      else if (Date.now() - askedAt > 1_000 && child.pid) process.kill(-child.pid, 'SIGKILL');
      askedAt ??= Date.now();
    });
  }
  child.on('exit', (code) => process.exit(askedAt === undefined ? (code ?? 1) : 0));
}
