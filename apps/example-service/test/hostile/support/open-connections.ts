import { readFileSync } from 'node:fs';

const listening = '0A';

/** How many connections to a TCP port of this machine a process has open. Linux only. */
export function openConnections(pid: number, port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const tables = ['tcp', 'tcp6'].map((name) => readFileSync(`/proc/${pid}/net/${name}`, 'utf8'));
  const rows = tables.flatMap((table) =>
    table
      .split('\n')
      .slice(1, -1)
      .map((line) => line.trim().split(/\s+/)),
  );
  // What the process has closed, and the system has not, belongs to no inode.
  return rows.filter((row) => row[1]!.endsWith(local) && row[3] !== listening && row[9] !== '0').length;
}
