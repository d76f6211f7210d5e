import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcess, temporaryDirectory, waitFor } from '@org/testing';
import { expect, test } from 'vitest';

const directory = join(import.meta.dirname, '..');
const nodeArguments = ['--conditions=@org/source', '--input-type=module-typescript', '-'];

/** A program that logs to a file, turn after turn of the event loop, until it has logged `lines` or is killed. */
function program(
  settings: { file: string; [name: string]: unknown },
  { id = 0, lines = Infinity, pause = 'setImmediate(resolve)' } = {},
): string {
  return `
    import { openLogging } from '@org/logging';
    const destination = { write: () => undefined };
    const service = { name: 'orders', version: '1.2.3' };
    await using logging = await openLogging(${JSON.stringify(settings)}, { service, destination });
    process.on('SIGHUP', () => logging.reopen());
    console.log('ready');
    for (let index = 0; index < ${lines}; ) {
      for (let line = 0; line < 7; line += 1, index += 1) logging.logger.info({ id: ${id}, index }, 'a line');
      await new Promise((resolve) => ${pause});
    }`;
}

const start = (source: string) => startProcess(process.execPath, nodeArguments, { cwd: directory, input: source });

/** The lines of files in order. A process that was killed may have left part of a line at the very end. */
function linesOf(files: readonly string[]): { id: number; index: number }[] {
  const text = files.map((file) => readFileSync(file, 'utf8')).join('');
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as { id: number; index: number });
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

test.each([
  ['and told so', true],
  ['and not told', false],
])('a process whose file is moved away again and again, %s, loses and tears no line, even killed', async (_, told) => {
  await using folder = await temporaryDirectory();
  const file = join(folder.path, 'orders.log');
  await using child = await start(
    program({ file, fileMaxSize: 0 }, { pause: told ? undefined : 'setTimeout(resolve, 2)' }),
  );
  const rotations = told ? 15 : 3;
  for (let rotation = 1; rotation <= rotations; rotation += 1) {
    await waitFor(() => existsSync(file) && statSync(file).size > 0, {
      what: `file ${rotation} to have lines`,
      intervalMs: 1,
    });
    renameSync(file, `${file}.${rotation}`);
    if (told) child.kill('SIGHUP');
  }
  await waitFor(() => existsSync(file) && statSync(file).size > 0, { what: 'the last file to have lines' });
  child.kill('SIGKILL');
  await child.exit;
  const files = [...upTo(rotations).map((index) => `${file}.${index + 1}`), file];
  const indexes = linesOf(files).map(({ index }) => index);
  expect(indexes.length).toBeGreaterThan(100);
  expect(indexes).toEqual(upTo(indexes.length));
});

test('processes that share a file which rotates by size lose and tear no line, even when one is killed', async () => {
  await using folder = await temporaryDirectory();
  const settings = { file: join(folder.path, 'orders.log'), fileMaxSize: 20_000, fileKeep: 1_000 };
  const lines = 7 * 500;
  await using first = await start(program(settings, { id: 1, lines }));
  await using second = await start(program(settings, { id: 2, lines }));
  await using killed = await start(program(settings, { id: 3 }));
  await killed.line('ready');
  await waitFor(() => existsSync(`${settings.file}.5`), { what: 'some rotations', intervalMs: 1 });
  killed.kill('SIGKILL');
  for (const process of [first, second]) await expect(process.exit).resolves.toMatchObject({ code: 0 });

  const names = (await readdir(folder.path)).filter((name) => !name.endsWith('.lock'));
  const numbers = names.map((name) => Number(name.split('.')[2] ?? 0)).sort((a, b) => b - a);
  const found = linesOf(numbers.map((number) => (number === 0 ? settings.file : `${settings.file}.${number}`)));
  const indexesOf = (wanted: number) => found.filter(({ id }) => id === wanted).map(({ index }) => index);
  for (const id of [1, 2]) expect(indexesOf(id)).toEqual(upTo(lines));
  expect(indexesOf(3)).toEqual(upTo(indexesOf(3).length));
});
