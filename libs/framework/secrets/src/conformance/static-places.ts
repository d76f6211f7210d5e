import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentStore } from '@org/config';
import { temporaryDirectory } from '@org/testing';
import type { SecretsPlace } from './place.ts';

/** How a pair is written where there are no keys: RFC 7617. */
function pairOf({ username, password }: Readonly<Record<string, string>>): string | undefined {
  return username !== undefined && password !== undefined ? `${username}:${password}` : undefined;
}

/** Secrets as other variables of the environment: `env:NAME`. */
export async function environmentPlace(): Promise<SecretsPlace> {
  const held: Record<string, string> = {};
  const variableOf = (name: string, key: string) => `${name}_${key}`.toUpperCase();
  return {
    assign: (variable, name, key = 'pair') => ({ ...held, [variable]: `env:${variableOf(name, key)}` }),
    open: (environment) => environmentStore(environment).open(undefined, undefined),
    async put(name, values) {
      const pair = pairOf(values);
      const all = { ...values, ...(pair !== undefined && { pair }) };
      for (const [key, value] of Object.entries(all)) held[variableOf(name, key)] = value;
    },
    async remove(name) {
      for (const key of Object.keys(held)) if (key.startsWith(`${name.toUpperCase()}_`)) delete held[key];
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Secrets as files that variables with the suffix `_FILE` name. */
export async function filesPlace(): Promise<SecretsPlace> {
  const folder = await temporaryDirectory();
  const pathOf = (name: string, key: string) => join(folder.path, name, key);
  return {
    assign: (variable, name, key = 'pair') => ({ [`${variable}_FILE`]: pathOf(name, key) }),
    async put(name, values) {
      await mkdir(join(folder.path, name), { recursive: true });
      const pair = pairOf(values);
      const all = { ...values, ...(pair !== undefined && { pair }) };
      for (const [key, value] of Object.entries(all)) await writeFile(pathOf(name, key), value);
    },
    remove: (name) => rm(join(folder.path, name), { recursive: true, force: true }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
