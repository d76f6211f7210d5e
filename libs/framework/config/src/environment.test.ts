import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceError } from '@org/errors';
import { temporaryDirectory } from '@org/testing';
import { expect, test } from 'vitest';
import { isProduction, loadEnvironment, sourceOf } from './environment.ts';

async function withDotEnv(text?: string) {
  const directory = await temporaryDirectory();
  if (text !== undefined) await writeFile(join(directory.path, '.env'), text);
  return directory;
}

test('.env adds to the environment, which wins', async () => {
  await using directory = await withDotEnv('# comment\nexport A=file\nB="two\nlines"\nC=file\nD=file\n');
  const environment = loadEnvironment({ directory: directory.path, environment: { A: 'real', D: '' } });
  expect({ ...environment }).toMatchObject({ A: 'real', B: 'two\nlines', C: 'file', D: '' });
  expect(['A', 'B', 'C'].map((name) => sourceOf(environment, name))).toEqual(['environment', '.env', '.env']);
});

test('what replaces a value of .env comes from the environment', async () => {
  await using directory = await withDotEnv('A=file\nB=file');
  const environment = { ...loadEnvironment({ directory: directory.path, environment: {} }), A: 'test' };
  expect(['A', 'B'].map((name) => sourceOf(environment, name))).toEqual(['environment', '.env']);
});

test('production does not read .env', async () => {
  await using directory = await withDotEnv('A=file');
  const environment = loadEnvironment({ directory: directory.path, environment: { NODE_ENV: 'production' } });
  expect(environment).toEqual({ NODE_ENV: 'production' });
  expect([isProduction(environment), isProduction({ NODE_ENV: 'test' }), isProduction({})]).toEqual([
    true,
    false,
    false,
  ]);
});

test('no .env is no error, and neither the given environment nor that of the process changes', async () => {
  await using directory = await withDotEnv();
  const given = { A: 'real' };
  expect({ ...loadEnvironment({ directory: directory.path, environment: given }) }).toMatchObject(given);
  await writeFile(join(directory.path, '.env'), 'ONLY_IN_DOT_ENV=1');
  expect(loadEnvironment({ directory: directory.path })).toMatchObject({
    ONLY_IN_DOT_ENV: '1',
    PATH: process.env.PATH,
  });
  expect(process.env.ONLY_IN_DOT_ENV).toBeUndefined();
  expect(given).toEqual({ A: 'real' });
});

test('a .env that cannot be read is an error that says so', async () => {
  await using directory = await withDotEnv();
  await mkdir(join(directory.path, '.env'));
  const load = () => loadEnvironment({ directory: directory.path, environment: {} });
  expect(load).toThrow(ServiceError);
  expect(load).toThrow(`Cannot read ${join(directory.path, '.env')}: EISDIR. Make it readable, or take it away.`);
});
