import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runReadme } from '@org/testing';
import { expect, test } from 'vitest';
import { codes, grpcStatusByCode } from './codes.ts';
import { httpStatusByCode } from './http-status.ts';
import { messageFateByCode } from './message-fate.ts';

const directory = join(import.meta.dirname, '..');

test('the example of the README runs', async () => {
  const message = 'No order with the id `7`. Ask GET /orders for those that exist';
  expect(await runReadme(directory)).toBe(
    [
      message,
      '404 5 dead_letter',
      `{"code":"not_found","reason":"ORDER_NOT_FOUND","message":"${message}"}`,
      'internal 500',
      '',
    ].join('\n'),
  );
});

test('the table of the README says what the code does', async () => {
  const rows = (await readFile(join(directory, 'README.md'), 'utf8')).match(/^\| `.*$/gm) ?? [];
  const said = rows.map((row) =>
    row
      .split('|')
      .slice(1, 5)
      .map((cell) => cell.trim()),
  );
  expect(said).toEqual(
    codes.map((code) => [
      `\`${code}\``,
      `${httpStatusByCode[code]}`,
      `${grpcStatusByCode[code]}`,
      messageFateByCode[code].replace('_', ' '),
    ]),
  );
});
