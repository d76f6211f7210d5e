import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { deployedFiles, givenIn } from './checks/secrets.ts';

/**
 * The files by which a service is deployed with what is embedded in it; on a developer's machine it may be.
 *
 * @param variable Which says where what it connects to is.
 * @param protocol That of what is embedded, such as `memory:`.
 */
export function embeddedFiles(folder: string, variable: string, protocol: string): string[] {
  return deployedFiles(folder)
    .filter((file) => !relative(folder, file).startsWith('deploy/overlays/local/'))
    .filter((file) =>
      givenIn(readFileSync(file, 'utf8')).some(
        ([name, value]) => name === variable && String(value).startsWith(protocol),
      ),
    )
    .map((file) => relative(folder, file));
}
