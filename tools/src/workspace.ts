import { readFileSync } from 'node:fs';

/** What the workspace reads from a project's `package.json`. */
export interface Manifest {
  name: string;
  version: string;
  description?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  exports?: Record<string, unknown>;
  nx?: {
    tags?: string[];
    metadata?: {
      /** Files that must lie beside the bundle: paths in the library, or `npm:<package>/<file>`. */
      assets?: string[];
      /** The block of ports that a service listens on, by name. */
      ports?: Record<string, number>;
    };
  };
}

export function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}
