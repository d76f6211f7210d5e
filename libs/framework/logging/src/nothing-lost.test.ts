import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startProcess } from '@org/testing';
import { describe, expect, test } from 'vitest';

const directory = join(import.meta.dirname, '..');
const lines = 10_000;

/** A program that opens the logs and does something with them. */
function program(body: string): string {
  return `
    import { openLogging } from '@org/logging';
    const settings = { level: 'info', format: 'json', file: undefined };
    const { logger, counts } = await openLogging(settings, { service: { name: 'orders', version: '1.2.3' } });
    const logAll = () => { for (let index = 0; index < ${lines}; index += 1) logger.info({ index }, 'a line'); };
    const tell = () => process.stderr.write(JSON.stringify({ dropped: counts.dropped }));
    ${body}`;
}

const nodeArguments = ['--conditions=@org/source', '--input-type=module-typescript', '-'];

describe('all lines arrive when the process', () => {
  test.each([
    ['exits', 'logAll(); process.exit(3);', { code: 3 }],
    ['throws', "logAll(); throw new Error('unexpected');", { code: 1 }],
    ['rejects', "logAll(); void Promise.reject(new Error('unexpected')); await new Promise(() => {});", { code: 1 }],
    ['throws later', "logAll(); setImmediate(() => { throw new Error('unexpected'); });", { code: 1 }],
    ['is killed', "logAll(); process.kill(process.pid, 'SIGKILL');", { signal: 'SIGKILL' }],
    ['aborts', 'logAll(); process.abort();', { signal: 'SIGABRT' }],
    // Whoever touches \`process.stdout\` of a pipe makes it one that does not block.
    ['exits, and the pipe does not block', "process.stdout.write(''); logAll(); process.exit(3);", { code: 3 }],
  ])('%s', async (_, body, expected) => {
    await using child = await startProcess(process.execPath, nodeArguments, { cwd: directory, input: program(body) });
    await expect(child.exit).resolves.toMatchObject(expected);
    const indexes = child.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { index: number }).index);
    expect(indexes).toEqual(Array.from({ length: lines }, (_, index) => index));
  });
});

describe('lines are lost and nothing else happens when', () => {
  async function run(body: string, output: 'pipe' | number, use: (child: ReturnType<typeof spawn>) => void = () => {}) {
    const child = spawn(process.execPath, nodeArguments, { cwd: directory, stdio: ['pipe', output, 'pipe'] });
    use(child);
    child.stdin?.end(program(body));
    const [errors, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit') as Promise<[number]>]);
    return { code, ...(JSON.parse(errors) as { dropped: number }) };
  }

  test('the reader of the pipe is gone', async () => {
    const { code, dropped } = await run('logAll(); tell();', 'pipe', (child) => child.stdout?.destroy());
    expect(code).toBe(0);
    expect(dropped).toBe(lines);
  });

  test.skipIf(!existsSync('/dev/full'))('the disk is full', async () => {
    const full = openSync('/dev/full', 'w');
    const { code, dropped } = await run('logAll(); tell();', full);
    closeSync(full);
    expect({ code, dropped }).toEqual({ code: 0, dropped: lines });
  });

  test('the reader of a pipe that does not block has stopped reading', async () => {
    const { code, dropped } = await run("process.stdout.write(''); logAll(); tell(); process.exit();", 'pipe');
    expect(code).toBe(0);
    expect(dropped).toBeGreaterThan(0);
  });
});
