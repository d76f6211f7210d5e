import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { header, type Files } from './base.ts';

/** A file that is not as it is rendered. */
export interface Difference {
  path: string;
  is: 'missing' | 'changed' | 'stale';
}

/**
 * Compares what is rendered with what lies in `folder`. Stale is what an earlier run rendered and this one did not; files
 * of the base that nobody generated are left alone.
 */
export function compare(folder: string, files: Files, image: string): Difference[] {
  const differences = [...files].flatMap(([path, text]): Difference[] => {
    const file = join(folder, path);
    if (!existsSync(file)) return [{ path, is: 'missing' }];
    return readFileSync(file, 'utf8') === text ? [] : [{ path, is: 'changed' }];
  });
  const stale = globSync('base/**/*.{yaml,env}', { cwd: folder })
    .filter((path) => !files.has(path) && readFileSync(join(folder, path), 'utf8').startsWith(`${header(image)}\n`))
    .map((path): Difference => ({ path, is: 'stale' }));
  return [...differences, ...stale].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Makes `folder` as it is rendered. */
export function write(folder: string, files: Files, differences: Difference[]): void {
  for (const { path, is } of differences) {
    const file = join(folder, path);
    if (is === 'stale') {
      rmSync(file);
      continue;
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, files.get(path)!);
  }
}
