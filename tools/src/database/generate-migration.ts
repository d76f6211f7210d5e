import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { ServiceProjects } from '../tree/projects.ts';

/** How long it may take, in milliseconds: it loads the service from source, and what compares models. */
const timeoutMs = 120_000;

interface Generated {
  readonly root: string;
  readonly scope: string;
  readonly service: ServiceProjects;
  /** What it is called. */
  readonly migration: string;
}

/**
 * Writes the migration that leads to the models of a service, as its own sub-command does: from source, in a process of its own.
 *
 * @returns what that says of it.
 * @throws {Error} with what it says and how to do it by hand, when it fails; what was generated before stays.
 */
export function generateMigration({ root, scope, service, migration }: Generated): string {
  const line = [`--conditions=${scope}/source`, 'src/main.ts', 'migration', 'generate', migration];
  const { status, stdout, stderr, error } = spawnSync(process.execPath, line, {
    cwd: join(root, service.app.root),
    env: { ...process.env, NODE_ENV: undefined, NODE_OPTIONS: undefined },
    encoding: 'utf8',
    timeout: timeoutMs,
  });
  if (status === 0) return stdout.trim();
  const reason = error?.message ?? `${stdout}${stderr}`.trim();
  const byHand = `npx nx migration ${service.name} generate ${migration}`;
  throw new Error(`The model is written, its migration is not: run \`${byHand}\` once this is mended.\n\n${reason}`);
}
