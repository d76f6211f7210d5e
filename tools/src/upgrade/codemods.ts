import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Tree } from '@nx/devkit';
import type { ServiceProjects } from '../tree/projects.ts';
import { Refusal } from '../tree/refusal.ts';

/**
 * What a codemod exports as `migrate`: it edits what the team of a service owns, so that it fits a version of the workspace.
 * Where there is nothing left to edit it changes nothing.
 */
export type Migrate = (tree: Tree, service: ServiceProjects) => void | Promise<void>;

/** A file in `tools/migrations`, such as `1.1.0-rename-serve.ts`. */
export interface Codemod {
  readonly name: string;
  readonly version: string;
  readonly file: string;
}

/**
 * The codemods in the order of their names.
 *
 * @throws {Refusal} naming a file that would never be run.
 */
export function codemodsIn(workspaceRoot: string): Codemod[] {
  const folder = join(workspaceRoot, 'tools/migrations');
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  return files.sort().map((file) => {
    const [, name, version] = /^((\d+\.\d+\.\d+)-[a-z0-9-]+)\.ts$/.exec(file) ?? [];
    if (name === undefined || version === undefined) {
      throw new Refusal(
        `Cannot read the codemods: expected names such as \`1.1.0-rename-serve.ts\`, got tools/migrations/${file}.`,
      );
    }
    return { name, version, file: join(folder, file) };
  });
}

export async function loadCodemod({ name, file }: Codemod): Promise<Migrate> {
  const { migrate } = (await import(pathToFileURL(file).href)) as { migrate?: unknown };
  if (typeof migrate === 'function') return migrate as Migrate;
  throw new TypeError(`Expected tools/migrations/${name}.ts to export a function \`migrate\`, got ${typeof migrate}`);
}
