import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runReadme } from '@org/testing';
import { expect, test } from 'vitest';
import { secretName } from './secret-names.ts';

const directory = join(import.meta.dirname, '..');

test('the example of the README runs', async () => {
  const output = await runReadme(directory);
  const lines = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  const common = { service: 'orders', version: '1.2.3', logger: 'database', pool: 'main' };
  expect(lines).toMatchObject([
    { ...common, level: 'info', request_id: '7f3a', url: 'postgres://orders:[secret]@db/orders', msg: 'connected' },
    { ...common, level: 'debug', headers: { authorization: '[secret]' }, key: '[secret]', msg: 'written now' },
    { ...common, level: 'error', err: { type: 'Error', message: 'gone' }, msg: 'lost a connection' },
  ]);
});

test('the names that the README calls secret are secret', async () => {
  const text = await readFile(join(directory, 'README.md'), 'utf8');
  const [, said] = /in any spelling:\s+([\s\S]*?) \(`src/.exec(text) ?? [];
  const names =
    said
      ?.replace(/ and | or /g, ', ')
      .split(/,\s*/)
      .filter(Boolean) ?? [];
  expect(names.length).toBeGreaterThan(10);
  // Before `key`, the last words of the list only qualify it.
  const qualified = names.map((name) => (/^(api|access|account|private|signing)$/.test(name) ? `${name} key` : name));
  expect(qualified.filter((name) => !secretName.test(name))).toEqual([]);
});
