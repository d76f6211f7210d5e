import { readFileSync, statSync } from 'node:fs';
import { sourceOf, type Environment } from './environment.ts';
import { faultOf, withArticle, type Fault } from './fault.ts';

/** The text of a variable, and where it comes from: `environment`, `.env`, `file PATH` or `default`. */
export interface WrittenValue {
  readonly text: string;
  readonly source: string;
}

const largestFileBytes = 1_048_576;

/**
 * What is written for a variable, in the environment or in the file that `NAME_FILE` names, without the newlines at
 * its end. `undefined` when neither is set; an empty value counts as unset, an empty file is a fault.
 */
export function findWritten(name: string, environment: Environment): WrittenValue | Fault | undefined {
  const text = environment[name];
  const path = environment[`${name}_FILE`];
  if (text && path) {
    return faultOf(
      name,
      sourceOf(environment, name),
      `expected no ${name}_FILE (from ${withArticle(sourceOf(environment, `${name}_FILE`))}) beside it, got both`,
    );
  }
  if (path) return readValueFile(name, path);
  return text ? { text, source: sourceOf(environment, name) } : undefined;
}

export function isFault(found: object): found is Fault {
  return 'message' in found;
}

function readValueFile(name: string, path: string): WrittenValue | Fault {
  // What is no path may be the secret itself, put into the wrong variable.
  const source = /^\.{0,2}\//.test(path) ? `file ${path}` : `file that ${name}_FILE names`;
  try {
    // Reading a pipe or a device could wait for ever.
    const file = statSync(path);
    if (!file.isFile() || file.size > largestFileBytes) {
      return faultOf(name, source, 'expected a regular file of at most 1MiB, got something else');
    }
    const text = readFileSync(path, 'utf8').replace(/[\r\n]+$/, '');
    return text ? { text, source } : faultOf(name, source, 'expected a value in the file, got an empty one');
  } catch (error) {
    const { code = 'an unknown error' } = error as NodeJS.ErrnoException;
    return faultOf(name, source, `expected a file that can be read, got ${code}`);
  }
}
