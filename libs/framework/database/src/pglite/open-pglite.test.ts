import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { collectLogger, startProcess, temporaryDirectory, type TemporaryDirectory } from '@org/testing';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { open } from '../../test-fixtures/databases.ts';
import { lockFolder } from './folder-lock.ts';
import { readImage, unpackImage } from './image.ts';

let folder: TemporaryDirectory;
let path: string;
let url: string;
beforeEach(async () => {
  folder = await temporaryDirectory();
  path = join(folder.path, 'deep', 'orders');
  url = `pglite:${path}`;
});
afterEach(() => folder[Symbol.asyncDispose]());

const count = sql`SELECT count(*)::int AS count, max(number) AS last FROM kept`;

describe('a database in a folder', () => {
  test('is made where there is none, and found again', async () => {
    const logger = collectLogger();
    {
      await using database = await open(url, { logger });
      await database.execute(sql`CREATE TABLE kept AS SELECT 7 AS number`);
      expect(await readdir(join(folder.path, 'deep'))).toHaveLength(2);
    }
    expect(await readdir(join(folder.path, 'deep'))).toEqual(['orders']);
    await using database = await open(url, { logger });
    expect((await database.execute(count)).rows).toEqual([{ count: 1, last: 7 }]);
    expect(logger.lines.map(({ message }) => message)).toEqual([`Made an empty database in ${path}`]);
  }, 30_000);

  test('refuses a second process, and a second opening in the same one', async () => {
    await using _database = await open(url);
    const expected = {
      code: 'failed_precondition',
      reason: 'DATABASE_IN_USE',
      message: expect.stringMatching(
        new RegExp(`^Cannot open the database at ${url}: process ${process.pid} has it open`),
      ),
    };
    await expect(open(url)).rejects.toMatchObject(expected);
    const script = join(import.meta.dirname, '../../test-fixtures/writer.ts');
    await using other = await startProcess(script, [], { env: { DATABASE_URL: url } });
    expect((await other.exit).code).toBe(1);
    expect(other.stderr).toContain('DATABASE_IN_USE');
  }, 30_000);

  test('survives SIGKILL at any moment with all that was kept', async () => {
    const script = join(import.meta.dirname, '../../test-fixtures/writer.ts');
    let last = 0;
    for (const rows of [1, 30, 200]) {
      await using writer = await startProcess(script, [], { env: { DATABASE_URL: url } });
      await writer.line(`kept ${last + rows}`, { timeoutMs: 30_000 });
      writer.kill('SIGKILL');
      await writer.exit;
      last = Number(/kept (\d+)\n[^\n]*$/.exec(writer.stdout)?.[1]);
    }
    await using database = await open(url);
    const [found] = (await database.execute<{ count: number; last: number }>(count)).rows;
    expect(found?.count).toBe(found?.last);
    // The last one may have been kept without having been told of.
    expect([last, last + 1]).toContain(found?.last);
  }, 120_000);

  test('that was not finished when its process was ended is made anew', async () => {
    await mkdir(`${path}.new/base`, { recursive: true });
    await using database = await open(url);
    await database.execute(sql`SELECT 1`);
    expect(existsSync(`${path}.new`)).toBe(false);
  }, 30_000);

  test.each([
    ['holds something else', async () => writeFile(join(path, 'README'), 'mine')],
    ['lacks what says where to begin', async () => (await unpackInto(), rm(join(path, 'global/pg_control')))],
    ['has a catalogue that was cut', async () => (await unpackInto(), cutCatalogue())],
  ])(
    'that %s is called damaged, and left as it is',
    async (_, damage) => {
      await mkdir(path, { recursive: true });
      await damage();
      const before = await readdir(path);
      await expect(open(url)).rejects.toMatchObject({
        code: 'data_loss',
        reason: 'DATABASE_DAMAGED',
        message: expect.stringContaining(`Cannot open the database at ${url}: its files are damaged`),
      });
      expect((await readdir(path)).sort()).toEqual(before.sort());
      expect(await readdir(join(folder.path, 'deep'))).toEqual(['orders']);
    },
    30_000,
  );

  test('of another version is not touched', async () => {
    await unpackInto();
    await writeFile(join(path, 'PG_VERSION'), '17\n');
    await expect(open(url)).rejects.toMatchObject({ code: 'failed_precondition', reason: 'DATABASE_VERSION' });
  });

  test('needs a place that can be written', async () => {
    await writeFile(join(folder.path, 'deep'), 'a file');
    await expect(open(url)).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'DATABASE_FOLDER_UNUSABLE',
      message: expect.stringContaining('Set DATABASE_URL to another'),
    });
    await rm(join(folder.path, 'deep'));
    await mkdir(join(path, 'probe'), { recursive: true });
    await expect(open(url)).rejects.toMatchObject({ reason: 'DATABASE_FOLDER_UNUSABLE' });
  });

  async function unpackInto() {
    await rm(path, { recursive: true, force: true });
    await mkdir(join(path, '..'), { recursive: true });
    await unpackImage(path, await readImage());
  }

  async function cutCatalogue() {
    const base = join(path, 'base/5');
    for (const file of await readdir(base)) if (/^\d+$/.test(file)) await truncate(join(base, file), 100);
  }
});

describe('the lock of a folder', () => {
  const lock = () => lockFolder(path, url);
  beforeEach(() => mkdir(join(path, '..'), { recursive: true }));

  test.each([
    ['a process that is gone', '2147483646-1'],
    ['another process that had the same number', `${process.pid}-1`],
    ['nobody who could be found', 'nonsense'],
  ])('of %s does not count', async (_, holder) => {
    await writeFile(`${path}.lock.${holder}`, '');
    await using _lock = await lock();
    const locks = await readdir(join(folder.path, 'deep'));
    expect(locks).toEqual([expect.stringMatching(new RegExp(`^orders\\.lock\\.${process.pid}-\\d+$`))]);
  });

  test('of a process that is alive does, and is left alone', async () => {
    const parent = `${process.ppid}-${
      readFileSync(`/proc/${process.ppid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[19]
    }`;
    await writeFile(`${path}.lock.${parent}`, '');
    await expect(lock()).rejects.toMatchObject({ reason: 'DATABASE_IN_USE' });
    expect(await readdir(join(folder.path, 'deep'))).toEqual([`orders.lock.${parent}`]);
  });

  test('is given to one of many who come at the same time', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, lock));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});
