import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { ServiceError } from '@org/errors';
import { CONFIGURATION_INVALID } from './fault.ts';

const dotEnv = Symbol('what came from .env');

/** Variables by name, such as `process.env`; one from `loadEnvironment` also knows which of them `.env` gave. */
export interface Environment {
  readonly [name: string]: string | undefined;
  readonly [dotEnv]?: Readonly<Record<string, string>>;
}

/** Whether embedded defaults and other comforts of development are off: `NODE_ENV` is `production`. */
export function isProduction(environment: Environment): boolean {
  return environment.NODE_ENV === 'production';
}

/**
 * The environment and, unless `NODE_ENV` is `production`, what the file `.env` in `directory` adds to it.
 * What the environment sets wins, even when it is empty. No file is no error.
 *
 * @throws {ServiceError} invalid_argument, CONFIGURATION_INVALID, when there is a `.env` that cannot be read.
 */
export function loadEnvironment({
  directory,
  environment = process.env,
}: {
  directory: string;
  environment?: Environment;
}): Environment {
  if (isProduction(environment)) return { ...environment };
  const inFile = Object.entries(readDotEnv(join(directory, '.env')));
  const added = Object.fromEntries(inFile.filter(([name]) => environment[name] === undefined));
  return { ...environment, ...added, [dotEnv]: added };
}

/** Where the value of a variable that is set comes from. */
export function sourceOf(environment: Environment, name: string): 'environment' | '.env' {
  const added = environment[dotEnv];
  // An environment spread from a loaded one may replace what the file gave.
  return added && Object.hasOwn(added, name) && added[name] === environment[name] ? '.env' : 'environment';
}

function readDotEnv(file: string): Record<string, string> {
  try {
    return parseEnv(readFileSync(file, 'utf8')) as Record<string, string>;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return {};
    const message = `Cannot read ${file}: ${code ?? 'unknown error'}. Make it readable, or take it away.`;
    throw new ServiceError('invalid_argument', message, { reason: CONFIGURATION_INVALID, cause });
  }
}
