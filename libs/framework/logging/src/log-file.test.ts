import { existsSync, readFileSync, renameSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@org/testing';
import { expect, test } from 'vitest';
import { openLogging } from './open-logging.ts';

const service = { name: 'orders', version: '1.2.3' };

async function openWithFile(file: string, format: 'json' | 'pretty' = 'json') {
  const console: string[] = [];
  const destination = { write: (text: string) => console.push(text) };
  const logging = await openLogging({ level: 'info', format, file }, { service, destination });
  return { logging, console };
}

function messages(file: string): unknown[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { msg: unknown }).msg);
}

test('lines are appended to the file as JSON, whatever the console shows', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'orders.log');
  for (const message of ['first', 'second']) {
    const { logging, console } = await openWithFile(file, 'pretty');
    logging.logger.info(message);
    expect(console[0]).toContain(`INFO: ${message}`);
    await logging[Symbol.asyncDispose]();
  }
  expect(messages(file)).toEqual(['first', 'second']);
});

test('after the file was moved away, reopen writes to a new one and no line is lost', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'orders.log');
  const { logging } = await openWithFile(file);
  await using _ = logging;
  logging.logger.info('1');
  renameSync(file, `${file}.1`);
  logging.logger.info('2');
  logging.reopen();
  logging.logger.info('3');
  expect(messages(`${file}.1`)).toEqual(['1', '2']);
  expect(messages(file)).toEqual(['3']);
});

test('when it cannot be opened again, the old file stays in use and the log says so', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'orders.log');
  const { logging, console } = await openWithFile(file);
  await using _ = logging;
  renameSync(file, `${file}.1`);
  await mkdir(file);
  logging.reopen();
  logging.logger.info('on');
  expect(messages(`${file}.1`)).toEqual(['cannot reopen the log file', 'on']);
  expect(console[0]).toContain('LOG_FILE_UNUSABLE');
});

test.each(['missing/orders.log', '.'])(
  'a file that cannot be opened is an error that says what to do: %s',
  async (name) => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, name);
    const opening = openWithFile(file);
    await expect(opening).rejects.toMatchObject({ code: 'failed_precondition', reason: 'LOG_FILE_UNUSABLE' });
    await expect(opening).rejects.toThrow('change LOG_FILE');
  },
);

test.skipIf(!existsSync('/dev/full'))(
  'a full disk loses lines of the file alone, and the console says so once',
  async () => {
    const { logging, console } = await openWithFile('/dev/full');
    await using _ = logging;
    logging.logger.info('1');
    logging.logger.info('2');
    logging.flush();
    const said = console.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(said).toEqual(['1', 'cannot write the log file, which loses lines', '2']);
    expect(console[1]).toContain('ENOSPC');
    expect(logging.counts.dropped).toBe(3);
  },
);

test('disposal closes the file, however often it is called, and the console goes on', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'orders.log');
  const { logging, console } = await openWithFile(file);
  logging.logger.info('1');
  await logging[Symbol.asyncDispose]();
  await logging[Symbol.asyncDispose]();
  logging.logger.info('2');
  logging.reopen();
  logging.flush();
  expect(messages(file)).toEqual(['1']);
  expect(console).toHaveLength(2);
  expect(logging.counts.dropped).toBe(0);
});
