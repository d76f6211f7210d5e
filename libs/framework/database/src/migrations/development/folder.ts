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
    const why = `it needs the source, and what runs is ${main}. Run it in the workspace: npx nx migration <service> ${action}`;
    throw sourceMissing(action, why);
  }
  for (let folder = dirname(main); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return join(folder, 'migrations');
    if (folder === dirname(folder)) throw sourceMissing(action, `there is no package.json above ${main}`);
  }
}

/** The names of the migrations that have a file, in order. */
export function namesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'index.ts');
  return files.map((file) => file.slice(0, -'.ts'.length)).sort();
}
