import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome-headless-shell'];

/**
 * The path of a Chromium on this machine: what the variable `CHROMIUM` names, else the first found in `PATH`;
 * `undefined` when there is none.
 */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const directories = (environment.PATH ?? '').split(delimiter).filter((directory) => directory !== '');
  const inPath = names.flatMap((name) => directories.map((directory) => join(directory, name)));
  return [environment.CHROMIUM, ...inPath].find((path) => path !== undefined && isProgram(path));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
