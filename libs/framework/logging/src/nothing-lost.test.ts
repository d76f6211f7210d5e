import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { skipUnless, startProcess } from '@org/testing';
import { describe, expect, test } from 'vitest';

const directory = join(import.meta.dirname, '..');
const lines = 10_000;

/** A program that opens the logs and does something with them. */
function program(body: string, settings: object = {}): string {
  return `
    import { openLogging } from '@org/logging';
    const settings = ${JSON.stringify({ format: 'json', ...settings })};
    const logging = await openLogging(settings, { service: { name: 'orders', version: '1.2.3' } });
    const { logger, counts } = logging;
    const log = (count) => { for (let index = 0; index < count; index += 1) logger.info({ index }, 'a line'); };
    const logAll = () => log(${lines});
    const endOfTurn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const tell = () => { logging.flush(); process.stderr.write(JSON.stringify(counts)); };
    ${body}`;
}

const nodeArguments = ['--conditions=@org/source', '--input-type=module-typescript', '-'];

function indexesOf(output: string): number[] {
  const whole = output.split('\n').filter((line) => line !== '');
  return whole.map((line) => (JSON.parse(line) as { index: number }).index);
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('all lines arrive when the process', () => {
  test.each([
    ['ends', 'logAll();', { code: 0 }],
    ['exits', 'logAll(); process.exit(3);', { code: 3 }],
    ['throws', "logAll(); throw new Error('unexpected');", { code: 1 }],
    ['rejects', "logAll(); void Promise.reject(new Error('unexpected')); await new Promise(() => {});", { code: 1 }],
    ['throws later', "logAll(); setImmediate(() => { throw new Error('unexpected'); });", { code: 1 }],
    [
      'is asked to end, and does',
      "process.on('SIGTERM', () => process.exit(0)); logAll(); process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1e6);",
      { code: 0 },
    ],
    [
      'is killed after the turn of the event loop',
      "logAll(); await endOfTurn(); process.kill(process.pid, 'SIGKILL');",
      { signal: 'SIGKILL' },
    ],
    ['aborts after the turn of the event loop', 'logAll(); await endOfTurn(); process.abort();', { signal: 'SIGABRT' }],
    [
      'has flushed and is killed',
      "logAll(); logging.flush(); process.kill(process.pid, 'SIGKILL');",
      { signal: 'SIGKILL' },
    ],
    [
      'throws within the turn, and whoever handles it logs and goes on for a while',
      `process.on('uncaughtException', () => { logger.error({ index: ${lines - 1} }, 'x'); setTimeout(() => process.exit(1), 10); });
      setImmediate(() => { throw new Error('unexpected'); });
      log(${lines - 1});`,
      { code: 1 },
    ],
    // Whoever touches \`process.stdout\` of a pipe makes it one that does not block.
    ['exits, and the pipe does not block', "process.stdout.write(''); logAll(); process.exit(3);", { code: 3 }],
    ['logs while it exits', "process.on('exit', () => logAll());", { code: 0 }],
    [
      'logs after the logs were closed',
      'log(5000); await logging[Symbol.asyncDispose](); for (let index = 5000; index < 10000; index += 1) logger.info({ index }, "late");',
      { code: 0 },
    ],
  ])('%s', async (_, body, expected) => {
    await using child = await startProcess(process.execPath, nodeArguments, { cwd: directory, input: program(body) });
    await expect(child.exit).resolves.toMatchObject(expected);
    expect(indexesOf(child.stdout)).toEqual(upTo(lines));
  });

  test('is killed at any moment, and each line is written at once', async () => {
    const source = program("logAll(); process.kill(process.pid, 'SIGKILL');", { bufferSize: 0 });
    await using child = await startProcess(process.execPath, nodeArguments, { cwd: directory, input: source });
    await child.exit;
    expect(indexesOf(child.stdout)).toEqual(upTo(lines));
  });
});

test('a process that is killed loses at most the last lines of the turn it is in', async () => {
  const source = program(
    "log(3); await endOfTurn(); logger.warn({ index: 3 }, 'at once'); logger.info({ index: 4 }, 'lost'); process.kill(process.pid, 'SIGKILL');",
  );
  await using child = await startProcess(process.execPath, nodeArguments, { cwd: directory, input: source });
  await child.exit;
  expect(indexesOf(child.stdout)).toEqual([0, 1, 2, 3]);
});

test('lines are read while the code that logs them keeps the event loop busy', async () => {
  const source = program(
    "for (const start = Date.now(), index = 0; Date.now() - start < 60_000; ) logger.info({ index }, 'busy');",
  );
  await using child = await startProcess(process.execPath, nodeArguments, { cwd: directory, input: source });
  await expect(child.line('busy')).resolves.toContain('"index":0');
  child.kill('SIGKILL');
});

test('nothing keeps a process alive that has nothing else to do', async () => {
  const body = `
    logging.setLevel('debug', undefined, { forMs: 3_600_000 });
    for (let index = 0; index < 20; index += 1) logger.error({ index }, 'again and again');`;
  const source = program(body, { repeatLimit: 5 });
  await using child = await startProcess(process.execPath, nodeArguments, { cwd: directory, input: source });
  await expect(child.exit).resolves.toMatchObject({ code: 0 });
  expect(child.stdout.trimEnd().split('\n')).toHaveLength(6);
  expect(child.stdout).toContain('was logged 15 more times');
});

test('disposal leaves no work and no listener behind', async () => {
  const body = `
    const other = await openLogging({ repeatLimit: 1, file: '/dev/null' }, { service: { name: 'a', version: '1' } });
    other.setLevel('debug', undefined, { forMs: 3_600_000 });
    for (const message of ['x', 'x']) other.logger.error(message);
    other.logger.info('held back');
    await other[Symbol.asyncDispose]();
    await endOfTurn();
    const left = process.getActiveResourcesInfo().filter((name) => /Timeout|Immediate|FS/.test(name));
    process.stderr.write(JSON.stringify({ left, listeners: process.listenerCount('exit') }));`;
  await using child = await startProcess(process.execPath, nodeArguments, { cwd: directory, input: program(body) });
  await child.exit;
  expect(JSON.parse(child.stderr)).toEqual({ left: [], listeners: 1 });
});

interface Told {
  readonly dropped: number;
  readonly droppedBy: Record<string, Record<string, number>>;
}

describe('lines are lost, counted by reason, and nothing else happens when', () => {
  async function run(body: string, output: 'pipe' | number, use: (child: ReturnType<typeof spawn>) => void = () => {}) {
    const child = spawn(process.execPath, nodeArguments, { cwd: directory, stdio: ['pipe', output, 'pipe'] });
    use(child);
    child.stdin?.end(program(body));
    const [errors, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit') as Promise<[number]>]);
    return { code, ...(JSON.parse(errors) as Told) };
  }

  test('the reader of the pipe is gone', async () => {
    const told = await run('logAll(); tell();', 'pipe', (child) => child.stdout?.destroy());
    expect(told).toMatchObject({ code: 0, dropped: lines, droppedBy: { console: { EPIPE: lines } } });
  });

  test.skipIf(!existsSync('/dev/full'))('the disk is full', async () => {
    const full = openSync('/dev/full', 'w');
    const told = await run('logAll(); tell();', full);
    closeSync(full);
    expect(told).toMatchObject({ code: 0, dropped: lines, droppedBy: { console: { ENOSPC: lines } } });
  });

  test('the reader of a pipe that does not block has stopped reading', async () => {
    const told = await run("process.stdout.write(''); logAll(); tell(); process.exit();", 'pipe');
    expect(told.code).toBe(0);
    expect(told.dropped).toBeGreaterThan(0);
    expect(told.droppedBy.console).toEqual({ EAGAIN: told.dropped });
  });
});

test('a disk that fills up and is freed again takes whole lines, and no two run into one', async (context) => {
  const mount = (command: string) =>
    spawn('unshare', ['--map-root-user', '--mount', 'sh', '-c', `mount -t tmpfs -o size=64k none /mnt && ${command}`], {
      cwd: directory,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  const probe = mount('true').on('error', () => undefined);
  const [probed] = (await Promise.race([once(probe, 'exit'), once(probe, 'error')])) as [unknown];
  skipUnless(context, probed === 0, {
    what: 'a user namespace',
    get: 'a kernel that allows unshare',
    obtainable: false,
  });

  const source = program(
    `
    import { readFileSync, rmSync, writeFileSync } from 'node:fs';
    writeFileSync('/mnt/ballast', 'x'.repeat(40_000));
    log(1_000);
    logging.flush();
    const lostWhileFull = counts.dropped;
    rmSync('/mnt/ballast');
    for (let index = 0; index < 3; index += 1) logger.warn({ index }, 'freed');
    await logging[Symbol.asyncDispose]();
    process.stderr.write(JSON.stringify({ ...counts, lostWhileFull, text: readFileSync('/mnt/orders.log', 'utf8') }));`,
    { file: '/mnt/orders.log', consoleLevel: 'silent' },
  );
  const child = mount(`exec ${process.execPath} ${nodeArguments.join(' ')}`);
  child.stdin.end(source);
  const told = JSON.parse(await text(child.stderr)) as Told & { lostWhileFull: number; text: string };
  const found = told.text.trimEnd().split('\n');
  const whole = found.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as { msg: string });
  // One line may have been cut where the disk was full; it stands alone.
  expect(found.length - whole.length).toBeLessThanOrEqual(1);
  expect(told.lostWhileFull).toBeGreaterThan(0);
  expect(told).toMatchObject({ dropped: told.lostWhileFull, droppedBy: { file: { ENOSPC: told.lostWhileFull } } });
  const messages = whole.map(({ msg }) => msg);
  expect(messages.filter((message) => message === 'a line')).toHaveLength(1_000 - told.lostWhileFull);
  expect(messages.filter((message) => message === 'freed')).toHaveLength(3);
  expect(messages).toContain('A log handler takes lines again');
});
