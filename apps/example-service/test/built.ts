import { join } from 'node:path';
import { startProcess, type RunningProcess } from '@org/testing';

/** What `nx build example-service` makes. */
export const main = join(import.meta.dirname, '../dist/main.js');

/** Starts the built file with arguments and an environment, as an operator does in the image; with a database in memory. */
export function runBuilt(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = join(main, '..'),
): Promise<RunningProcess> {
  const own = { NODE_OPTIONS: undefined, NODE_ENV: undefined, DATABASE_URL: 'pglite:memory' };
  return startProcess(main, args, { cwd, env: { ...own, ...env } });
}

/** Sends JSON. */
export function post(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const type = { 'content-type': 'application/json' };
  return fetch(url, { method: 'POST', headers: { ...type, ...headers }, body: JSON.stringify(body) });
}
