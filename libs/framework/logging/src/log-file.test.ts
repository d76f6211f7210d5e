import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory, waitFor } from '@org/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openLogging } from './open-logging.ts';
import type { LoggingSettings } from './settings.ts';

const service = { name: 'orders', version: '1.2.3' };

async function openWithFile(file: string, settings: Partial<LoggingSettings> = {}) {
  const console: string[] = [];
  const destination = { write: (text: string) => console.push(text) };
  const logging = await openLogging({ level: 'info', format: 'json', file, ...settings }, { service, destination });
  onTestFinished(() => logging[Symbol.asyncDispose]());
  return { logging, console };
}

async function folder() {
  const directory = await temporaryDirectory();
  onTestFinished(() => directory[Symbol.asyncDispose]());
  return directory.path;
}

/** How many descriptors of this process lead to a file, also under the names that it has had. */
function descriptorsOf(file: string): number {
  const targets = readdirSync('/proc/self/fd').map((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch {
      return '';
    }
  });
  return targets.filter((target) => target.startsWith(file)).length;
}

function messages(file: string): unknown[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { msg: unknown }).msg);
}

test('lines are appended to the file as JSON, whatever the console shows', async () => {
  const file = join(await folder(), 'orders.log');
  for (const message of ['first', 'second']) {
    const { logging, console } = await openWithFile(file, { format: 'pretty' });
    logging.logger.info(message);
    expect(console[0]).toContain(`INFO: ${message}`);
    await logging[Symbol.asyncDispose]();
  }
  expect(messages(file)).toEqual(['first', 'second']);
});

test('the file has a level and a format of its own', async () => {
  const file = join(await folder(), 'orders.log');
  const { logging, console } = await openWithFile(file, { fileLevel: 'warn', fileFormat: 'logfmt' });
  logging.logger.info('1');
  logging.logger.warn('2');
  logging.flush();
  expect(readFileSync(file, 'utf8')).toMatch(/^level=warn time=\S+ service=orders version=1.2.3 msg=2\n$/);
  expect(console).toHaveLength(2);
});

test('lines below warn are in the file when the turn of the event loop has ended, others at once', async () => {
  const file = join(await folder(), 'orders.log');
  const { logging } = await openWithFile(file);
  logging.logger.info('1');
  logging.logger.info('2');
  expect(messages(file)).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(messages(file)).toEqual(['1', '2']);
  logging.logger.info('3');
  logging.logger.warn('4');
  expect(messages(file)).toEqual(['1', '2', '3', '4']);
});

test('without a buffer each line is written at once', async () => {
  const file = join(await folder(), 'orders.log');
  const { logging } = await openWithFile(file, { bufferSize: 0 });
  logging.logger.info('1');
  expect(messages(file)).toEqual(['1']);
});

describe('rotation from outside', () => {
  test('by reopening, after the file was moved away, loses no line', async () => {
    const file = join(await folder(), 'orders.log');
    const { logging } = await openWithFile(file);
    logging.logger.info('1');
    renameSync(file, `${file}.1`);
    logging.logger.info('2');
    logging.reopen();
    logging.logger.info('3');
    logging.flush();
    expect(messages(`${file}.1`)).toEqual(['1', '2']);
    expect(messages(file)).toEqual(['3']);
  });

  test.each([
    ['moved away', (file: string) => renameSync(file, `${file}.1`)],
    ['deleted', (file: string) => rmSync(file)],
    ['replaced', (file: string) => (writeFileSync(`${file}.new`, ''), renameSync(`${file}.new`, file))],
  ])('is noticed within about a second when the file is %s and nobody says so', async (_, change) => {
    const file = join(await folder(), 'orders.log');
    const { logging } = await openWithFile(file);
    logging.logger.warn('before');
    change(file);
    await waitFor(() => (logging.logger.warn('after'), existsSync(file) && messages(file).includes('after')), {
      what: 'lines in the new file',
    });
  });

  test('by copying and truncating goes on at the new end', async () => {
    const file = join(await folder(), 'orders.log');
    const { logging } = await openWithFile(file);
    logging.logger.warn('1');
    copyFileSync(file, `${file}.1`);
    truncateSync(file);
    logging.logger.warn('2');
    expect(messages(`${file}.1`)).toEqual(['1']);
    expect(readFileSync(file)[0]).toBe('{'.charCodeAt(0));
    expect(messages(file)).toEqual(['2']);
  });

  test('that cannot be followed keeps the old file in use, and the log says so', async () => {
    const file = join(await folder(), 'orders.log');
    const { logging, console } = await openWithFile(file);
    renameSync(file, `${file}.1`);
    await mkdir(file);
    logging.reopen();
    logging.logger.warn('on');
    expect(messages(`${file}.1`)).toEqual(['Cannot reopen the log file', 'on']);
    expect(console[0]).toContain('LOG_FILE_UNUSABLE');
  });
});

describe('rotation by itself', () => {
  test('by size moves the file away before it grows beyond, and keeps so many old ones', async () => {
    const directory = await folder();
    const file = join(directory, 'orders.log');
    const { logging } = await openWithFile(file, { fileMaxSize: 1_000, fileKeep: 3 });
    for (let index = 0; index < 100; index += 1) logging.logger.warn({ index, text: 'x'.repeat(100) }, `${index}`);
    expect((await readdir(directory)).sort()).toEqual(['orders.log', ...[1, 2, 3].map((old) => `orders.log.${old}`)]);
    for (const old of [3, 2, 1]) expect(readFileSync(`${file}.${old}`).length).toBeLessThanOrEqual(1_000);
    const kept = [`${file}.3`, `${file}.2`, `${file}.1`, file].flatMap(messages).map(Number);
    expect(kept.length).toBeGreaterThan(10);
    expect(kept).toEqual(Array.from(kept, (_, index) => 100 - kept.length + index));
    expect(descriptorsOf(file)).toBe(1);
  });

  test('a line larger than the limit has a file to itself', async () => {
    const file = join(await folder(), 'orders.log');
    const { logging } = await openWithFile(file, { fileMaxSize: 300 });
    logging.logger.warn('1');
    logging.logger.warn('x'.repeat(1_000));
    logging.logger.warn('2');
    expect(messages(`${file}.2`)).toEqual(['1']);
    expect(messages(`${file}.1`)).toEqual(['x'.repeat(1_000)]);
    expect(messages(file)).toEqual(['2']);
  });

  test('by age moves away what is there when the next line comes, also what an earlier process wrote', async () => {
    const file = join(await folder(), 'orders.log');
    const { logging } = await openWithFile(file, { fileMaxAge: 50 });
    logging.logger.warn('old');
    await waitFor(() => (logging.logger.warn('new'), existsSync(`${file}.1`)), { what: 'a rotation by age' });
    expect(messages(`${file}.1`)[0]).toBe('old');
    await logging[Symbol.asyncDispose]();

    const { logging: next } = await openWithFile(file, { fileMaxAge: 1 });
    await waitFor(() => (next.logger.warn('next'), existsSync(`${file}.2`)), { what: 'another one' });
    expect(messages(`${file}.2`)[0]).toBe('old');
  });

  test('an empty file is not moved away', async () => {
    const directory = await folder();
    const { logging } = await openWithFile(join(directory, 'orders.log'), { fileMaxSize: 10, fileMaxAge: 1 });
    logging.logger.warn('a line that is larger than the limit');
    expect(await readdir(directory)).toEqual(['orders.log']);
  });

  test('that fails keeps the file in use, says so once, and goes on when it can', async () => {
    const file = join(await folder(), 'orders.log');
    await mkdir(join(`${file}.1`, 'not empty'), { recursive: true });
    const { logging, console } = await openWithFile(file, { fileMaxSize: 200, fileKeep: 1 });
    for (let index = 0; index < 5; index += 1) logging.logger.warn('on');
    expect(messages(file)).toHaveLength(6);
    await waitFor(() => (logging.logger.warn('on'), console.length > 8), { what: 'more lines' });
    expect(console.filter((line) => line.includes('Cannot rotate the log file'))).toHaveLength(1);
    rmSync(`${file}.1`, { recursive: true });
    await waitFor(() => (logging.logger.warn('on'), existsSync(`${file}.1`)), { what: 'a rotation' });
  });

  test('waits while another process is at it, unless that one was killed', async () => {
    const directory = await folder();
    const file = join(directory, 'orders.log');
    const lock = `${file}.lock`;
    const { logging } = await openWithFile(file, { fileMaxSize: 200 });
    writeFileSync(lock, '');
    for (let index = 0; index < 5; index += 1) logging.logger.warn('on');
    expect(messages(file)).toHaveLength(5);
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(lock, longAgo, longAgo);
    await waitFor(() => (logging.logger.warn('on'), existsSync(`${file}.1`)), { what: 'a rotation' });
    expect(existsSync(lock)).toBe(false);
  });
});

test('what a killed process left of a line does not run into the next one', async () => {
  const file = join(await folder(), 'orders.log');
  appendFileSync(file, '{"msg":"whole"}\n{"msg":"to');
  const { logging } = await openWithFile(file);
  logging.logger.warn('next');
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(lines[1]).toBe('{"msg":"to');
  expect(lines[2]).toContain('"msg":"next"');
});

test.each(['missing/orders.log', '.'])(
  'a file that cannot be opened is an error that says what to do: %s',
  async (name) => {
    const opening = openWithFile(join(await folder(), name));
    await expect(opening).rejects.toMatchObject({ code: 'failed_precondition', reason: 'LOG_FILE_UNUSABLE' });
    await expect(opening).rejects.toThrow('change LOG_FILE');
  },
);

test.skipIf(!existsSync('/dev/full'))(
  'a full disk loses lines of the file alone, and the console says so once',
  async () => {
    const { logging, console } = await openWithFile('/dev/full');
    logging.logger.info('1');
    logging.logger.info('2');
    logging.flush();
    logging.logger.warn('3');
    const said = console.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(said).toEqual(['1', '2', 'A log handler fails and loses lines', '3']);
    expect(console[2]).toContain('ENOSPC');
    expect(logging.counts).toMatchObject({ dropped: 3, droppedBy: { file: { ENOSPC: 3 } } });
  },
);

test('disposal closes the file, however often it is called, and the console goes on', async () => {
  const file = join(await folder(), 'orders.log');
  const { logging, console } = await openWithFile(file);
  logging.logger.info('1');
  expect(descriptorsOf(file)).toBe(1);
  await logging[Symbol.asyncDispose]();
  await logging[Symbol.asyncDispose]();
  expect(descriptorsOf(file)).toBe(0);
  logging.logger.info('2');
  logging.reopen();
  logging.flush();
  expect(messages(file)).toEqual(['1']);
  expect(console).toHaveLength(2);
  expect(logging.counts.dropped).toBe(0);
});
