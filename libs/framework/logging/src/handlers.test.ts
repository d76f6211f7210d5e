import { describe, expect, onTestFinished, test } from 'vitest';
import type { LogHandler } from './handler.ts';
import { openLogging } from './open-logging.ts';
import type { LogRecord } from './record.ts';

const service = { name: 'orders', version: '1.2.3' };

/** A handler that keeps what it is given. */
function collect(name: string, rest: Partial<LogHandler> = {}) {
  const lines: string[] = [];
  const records: LogRecord[] = [];
  const write = (line: string, record: LogRecord) => {
    lines.push(line);
    records.push(record);
  };
  return { name, lines, records, write, ...rest };
}

async function openWith(handlers: readonly LogHandler[], settings: Parameters<typeof openLogging>[0] = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const logging = await openLogging({ level: 'info', format: 'json', ...settings }, { service, handlers, destination });
  onTestFinished(() => logging[Symbol.asyncDispose]());
  return { logging, console: { lines } };
}

const messages = (lines: readonly string[]) => lines.map((line) => (JSON.parse(line) as { msg: string }).msg);

describe('several handlers at once', () => {
  test('have each a level and a format', async () => {
    const all = collect('all', { format: 'logfmt' });
    const errors = collect('errors', { level: 'error', format: (record) => `${record.level} ${record.message}\n` });
    const { logging, console } = await openWith([all, errors], { consoleLevel: 'warn' });
    logging.logger.info({ a: 1 }, 'one');
    logging.logger.warn('two');
    logging.logger.fatal('three');
    expect(messages(console.lines)).toEqual(['two', 'three']);
    expect(all.lines.map((line) => line.replace(/^.*version=1.2.3 /, ''))).toEqual([
      'a=1 msg=one\n',
      'msg=two\n',
      'msg=three\n',
    ]);
    expect(errors.lines).toEqual(['fatal three\n']);
    expect(errors.records).toMatchObject([{ level: 'fatal', message: 'three', time: expect.any(Number) as number }]);
  });

  test('take only what the level of the logger lets through, as it is set while the service runs', async () => {
    const all = collect('all', { level: 'trace' });
    const warnings = collect('warnings', { level: 'warn' });
    const { logging } = await openWith([all, warnings]);
    const database = logging.logger.named('database');
    const say = (what: string) => {
      database.debug(`debug ${what}`);
      database.warn(`warn ${what}`);
    };
    say('at info');
    logging.setLevel('debug', 'database');
    say('at debug');
    logging.setLevel('error', 'database');
    say('at error');
    expect(messages(all.lines)).toEqual(['warn at info', 'debug at debug', 'warn at debug']);
    expect(messages(warnings.lines)).toEqual(['warn at info', 'warn at debug']);
  });

  test('can be silent', async () => {
    const silent = collect('silent', { level: 'silent' });
    const { logging } = await openWith([silent]);
    logging.logger.fatal('x');
    expect(silent.lines).toEqual([]);
  });

  test.each([
    ['the same name twice', [collect('a'), collect('a')]],
    ['the name of the console', [collect('console')]],
    ['the name of the file', [collect('file')]],
  ])('with %s are refused', async (_, handlers) => {
    await expect(openLogging({}, { service, handlers })).rejects.toThrow(TypeError);
  });

  test('are flushed, reopened and closed with the logs, and get nothing afterwards', async () => {
    const done: string[] = [];
    const handler = collect('ring', {
      flush: () => void done.push('flush'),
      reopen: () => void done.push('reopen'),
      close: async () => void done.push('close'),
    });
    const { logging, console } = await openWith([handler]);
    logging.flush();
    logging.reopen();
    await logging[Symbol.asyncDispose]();
    expect(done).toEqual(['flush', 'reopen', 'close']);
    logging.logger.info('late');
    expect(handler.lines).toEqual([]);
    expect(messages(console.lines)).toEqual(['late']);
  });

  test('are told to flush when the process exits', async () => {
    const done: string[] = [];
    const { logging } = await openWith([collect('ring', { flush: () => void done.push('flush') })]);
    const listeners = process.listeners('exit');
    listeners.at(-1)?.(0);
    expect(done).toEqual(['flush']);
    await logging[Symbol.asyncDispose]();
    expect(process.listeners('exit')).toHaveLength(listeners.length - 1);
  });
});

describe('a handler that fails', () => {
  const broken = (name: string, code: unknown, state: { fails: boolean }) => {
    const handler = collect(name);
    return {
      ...handler,
      write(line: string, record: LogRecord) {
        if (state.fails) throw Object.assign(new Error('no'), { code });
        handler.write(line, record);
      },
    };
  };

  test('loses lines, which are counted by reason, said once to the others, and nothing throws', async () => {
    const state = { fails: true };
    const shipper = broken('shipper', 'ECONNRESET', state);
    const { logging, console } = await openWith([shipper]);
    for (const message of ['1', '2', '3']) logging.logger.info(message);
    state.fails = false;
    logging.logger.info('4');
    expect(messages(console.lines)).toEqual([
      ...['1', 'A log handler fails and loses lines', '2', '3', '4', 'A log handler takes lines again'],
    ]);
    expect(JSON.parse(console.lines[1] as string)).toMatchObject({
      level: 'error',
      handler: 'shipper',
      logger: 'logging',
    });
    expect(JSON.parse(console.lines[5] as string)).toMatchObject({ level: 'warn', handler: 'shipper', lost: 3 });
    expect(messages(shipper.lines)).toEqual(['4', 'A log handler takes lines again']);
    expect(logging.counts).toMatchObject({ dropped: 3, droppedBy: { shipper: { ECONNRESET: 3 } } });
  });

  test('being the only one leaves nothing but the counts', async () => {
    const destination = {
      write() {
        throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
      },
    };
    await using logging = await openLogging({}, { service, destination });
    logging.logger.info('a');
    expect(logging.counts).toMatchObject({ written: { info: 1 }, dropped: 1, droppedBy: { console: { EPIPE: 1 } } });
  });

  test('does so with a promise as well', async () => {
    const handler = collect('shipper', { write: async () => Promise.reject(new Error('later')) });
    const { logging } = await openWith([handler]);
    logging.logger.info('a');
    await expect.poll(() => logging.counts.droppedBy).toEqual({ shipper: { OTHER: 1 } });
  });

  test('with ever new reasons is counted under a bounded number of them', async () => {
    let count = 0;
    const handler = collect('shipper', {
      write: () => {
        throw Object.assign(new Error('no'), { code: `E${(count += 1)}` });
      },
    });
    const { logging } = await openWith([handler]);
    for (let index = 0; index < 100; index += 1) logging.logger.info('x');
    expect(Object.keys(logging.counts.droppedBy.shipper ?? {}).length).toBeLessThanOrEqual(21);
    expect(logging.counts.dropped).toBe(100);
  });

  test('while it is flushed, reopened or closed keeps the others from nothing', async () => {
    const fail = () => {
      throw new Error('no');
    };
    const bad = collect('bad', { flush: fail, reopen: fail, close: fail });
    let closed = false;
    const good = collect('good', { close: () => void (closed = true) });
    const { logging } = await openWith([bad, good]);
    logging.flush();
    logging.reopen();
    await logging[Symbol.asyncDispose]();
    expect(closed).toBe(true);
  });

  test('with its formatter says so in its lines, and others get theirs', async () => {
    const bad = collect('bad', {
      format: () => {
        throw new Error('no format');
      },
    });
    const { logging, console } = await openWith([bad]);
    logging.logger.info('a');
    expect(bad.lines[0]).toContain('A log formatter failed');
    expect(messages(console.lines)).toEqual(['a']);
  });
});
