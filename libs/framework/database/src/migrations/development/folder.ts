import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sourceMissing } from '../migration-errors.ts';

/**
 * Where the migrations of the service are whose TypeScript file runs.
 *
 * @throws {ServiceError} failed_precondition, SOURCE_MISSING, where what runs is no source.
 */
export function findFolder(action: string, main = process.argv[1] ?? ''): string {
  if (!main.endsWith('.ts')) {
    const why = `it needs the source of the service, and what runs is ${main}. In the workspace: npx nx migration <service> ${action}`;
    throw sourceMissing(action, why);
  }
  for (let folder = dirname(main); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return join(folder, 'migrations');
    if (folder === dirname(folder)) throw sourceMissing(action, `there is no package.json above ${main}`);
  }
}

/** The names of the migrations that have a file, in order: whatever begins with a number. */
export function namesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((file) => /^(\d[^.]*)\.ts$/.exec(file)?.[1] ?? [])
    .sort();
}
