import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  freePort,
  startProcess,
  temporaryDirectory,
  waitFor,
  type RunningProcess,
  type TemporaryDirectory,
} from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const file = join(import.meta.dirname, '../test-fixtures/greeter.ts');
const password = 'hunter2';

// Compiled once for all processes of this file, which start faster so.
let cache: TemporaryDirectory;
beforeAll(async () => {
  cache = await temporaryDirectory();
  await run({}, 'help');
});
afterAll(() => cache[Symbol.asyncDispose]());

function greeter(environment: Record<string, string> = {}, ...commandLine: string[]): Promise<RunningProcess> {
  const base = {
    NODE_COMPILE_CACHE: cache.path,
    LOG_FORMAT: 'json',
    OPS_PORT: '0',
    GREETING_PASSWORD: password,
    SHUTDOWN_TIMEOUT: '5s',
  };
  return startProcess(file, commandLine, { cwd: import.meta.dirname, env: { ...base, ...environment } });
}

const isReady = /"links":/;
const linesOf = ({ stdout }: RunningProcess) =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const messagesOf = (child: RunningProcess) => linesOf(child).map(({ msg }) => msg);

async function opsOf(child: RunningProcess): Promise<string> {
  const { links } = JSON.parse(await child.line(isReady)) as { links: { Health: string } };
  return new URL(links.Health).origin;
}

/** Runs to the end. */
async function run(environment: Record<string, string>, ...commandLine: string[]) {
  await using child = await greeter(environment, ...commandLine);
  const { code } = await child.exit;
  return { code, stdout: child.stdout, stderr: child.stderr, child };
}

describe.concurrent('a signal', () => {
  test('SIGTERM ends the service in order, the last part first', async () => {
    await using child = await greeter();
    await child.line(isReady);
    child.kill('SIGTERM');
    expect(await child.exit).toEqual({ code: 0, signal: null });
    expect(messagesOf(child)).toEqual([
      'greeter is ready',
      'greeter stops: SIGTERM',
      'the server is closed',
      'the database is closed',
      'greeter has stopped',
    ]);
    expect(child.stderr).toBe('');
    expect(child.stdout).not.toContain(password);
  });

  test('SIGHUP does not end it, SIGINT does', async () => {
    await using child = await greeter();
    const ops = await opsOf(child);
    child.kill('SIGHUP');
    expect((await fetch(`${ops}/livez`)).status).toBe(200);
    child.kill('SIGINT');
    expect(await child.exit).toEqual({ code: 0, signal: null });
    expect(messagesOf(child)).toContain('greeter stops: SIGINT');
  });

  test('during a start that hangs ends it, and closes what was open; until then the ops port says what it waits for', async () => {
    const port = await freePort();
    await using child = await greeter({ FAULT: 'open-hangs', OPS_PORT: String(port) });
    const startup = await waitFor(
      async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/startupz`);
        const report = (await answer.json()) as { reason: string };
        return report.reason.includes('server') && { ...report, status: answer.status };
      },
      { what: 'the start to wait for the server' },
    );
    expect(startup).toMatchObject({ status: 503, reason: 'waiting for server' });
    const probe = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    expect([await probe('/livez'), await probe('/readyz'), await probe('/metrics')]).toEqual([200, 503, 200]);
    child.kill();
    expect(await child.exit).toEqual({ code: 0, signal: null });
    expect(messagesOf(child)).toEqual(['greeter was told to stop while it started', 'the database is closed']);
  });

  test('leaves SHUTDOWN_DELAY to load balancers: not ready, and still serving; a second one ends it at once', async () => {
    await using child = await greeter({ SHUTDOWN_DELAY: '20s', SHUTDOWN_TIMEOUT: '25s' });
    const ready = JSON.parse(await child.line(isReady)) as { links: { API: string } };
    const ops = await opsOf(child);
    child.kill();
    await child.line('greeter stops');
    const readiness = await fetch(`${ops}/readyz`);
    expect([readiness.status, await readiness.json()]).toMatchObject([503, { reason: 'stopping: SIGTERM' }]);
    expect((await fetch(`${ops}/livez`)).status).toBe(200);
    const answer = await fetch(ready.links.API);
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
    child.kill();
    expect(await child.exit).toEqual({ code: 143, signal: null });
    expect(messagesOf(child).at(-1)).toBe('A second signal ends the process at once');
  });
});

describe.concurrent('a part that misbehaves', () => {
  test.each([
    ['open-throws', /^Cannot open `server`: no luck$/],
    ['open-hangs', /^Cannot open `server`: it was not open after 2000 ms/],
  ])('ends the start with exit code 1 when it is at %s, named once', async (FAULT, message) => {
    const { code, child, stderr } = await run({ FAULT, START_TIMEOUT: '2s' });
    expect(code).toBe(1);
    expect(linesOf(child)).toMatchObject([
      { level: 'fatal', err: { message: expect.stringMatching(message) }, msg: 'greeter cannot start' },
      { msg: 'the database is closed' },
    ]);
    expect(stderr).toBe('');
  });

  test('whose check hangs makes the service not ready, and does not hold up its stop', async () => {
    await using child = await greeter({ FAULT: 'check-hangs', HEALTH_TIMEOUT: '100ms' });
    const answer = await fetch(`${await opsOf(child)}/readyz`);
    expect([answer.status, await answer.json()]).toMatchObject([503, { checks: { database: { status: 'failed' } } }]);
    child.kill();
    expect(await child.exit).toEqual({ code: 0, signal: null });
  });

  test.each([
    ['drain-hangs', { resource: 'server', msg: 'The drain of server did not end in time' }],
    ['dispose-hangs', { resource: 'server', msg: 'The disposal of server did not end in time' }],
    ['dispose-throws', { resource: 'database', err: { message: 'it does not close' } }],
  ])('is named, and makes exit code 1, when it is at %s', async (FAULT, line) => {
    await using child = await greeter({ FAULT, SHUTDOWN_TIMEOUT: '600ms' });
    await child.line(isReady);
    child.kill();
    expect(await child.exit).toEqual({ code: 1, signal: null });
    const lines = linesOf(child);
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([line]);
    // Whatever else there is was closed all the same.
    expect(messagesOf(child)).toContain('the database is closed');
    expect(lines.at(-1)).toMatchObject({ msg: 'greeter has stopped, not all of it in order' });
  });

  test.each([
    ['uncaught', 'nobody catches this', 'An error that nobody caught ends the process'],
    ['unhandled', 'nobody waits for this', 'A rejection that nobody handled ends the process'],
  ])('ends the process with exit code 1 and one line when an error is %s', async (FAULT, message, msg) => {
    const { code, child, stderr } = await run({ FAULT });
    expect(code).toBe(1);
    expect(linesOf(child).at(-1)).toMatchObject({ level: 'fatal', err: { message }, msg });
    expect(stderr).toBe('');
  });
});

describe.concurrent('an environment at fault', () => {
  test('ends the start with exit code 78, all faults and no secret, before anything is opened', async () => {
    const { code, stdout, stderr } = await run({ OPS_PORT: 'x', FAULT: 'y', SHUTDOWN_DELAY: '', LOG_LEVEL: password });
    expect(code).toBe(78);
    for (const name of ['OPS_PORT', 'FAULT', 'LOG_LEVEL']) expect(stderr).toContain(`${name} (from the environment)`);
    expect(stderr).not.toContain('SHUTDOWN_DELAY');
    expect(stdout + stderr).not.toContain(password);
    expect(stdout).toBe('');
  });

  test('says which variable to change when the ops port is in use', async () => {
    const taken = createServer().listen(0);
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const { code, child } = await run({ OPS_PORT: String(port) });
    taken.close();
    expect(code).toBe(1);
    const message = expect.stringMatching(new RegExp(`ops port ${port}: something else listens there. Set OPS_PORT`));
    expect(linesOf(child)).toMatchObject([{ level: 'fatal', err: { message }, msg: 'greeter cannot start' }]);
  });
});

describe.concurrent('a command', () => {
  test('help lists what there is, in any environment', async () => {
    const { code, stdout } = await run({ OPS_PORT: 'x' }, '--help');
    expect(code).toBe(0);
    for (const name of ['serve', 'check-config', 'print-config', 'describe', 'help', 'greet']) {
      expect(stdout).toContain(`\n  ${name}  `);
    }
    expect(stdout).toMatch(/\n {2}greet .*\n +<name>\n/);
  });

  test('describe prints JSON, in any environment', async () => {
    const { code, stdout } = await run({ OPS_PORT: 'x' }, 'describe');
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { name: 'greeter', commands: [{ name: 'greet' }] }]);
  });

  test.each([
    [
      { GREETING_PASSWORD: 'env:OTHER', OTHER: 'x' },
      0,
      'is in order; 1 value comes from a secret store and was not fetched',
      '',
    ],
    [{ OPS_PORT: 'x' }, 78, '', 'OPS_PORT'],
  ])('check-config in %o ends with exit code %i', async (environment, expected, out, err) => {
    const { code, stdout, stderr } = await run(environment, 'check-config');
    expect([code, stdout, stderr]).toEqual([expected, expect.stringContaining(out), expect.stringContaining(err)]);
  });

  test('print-config shows what is in force and where from, without secrets', async () => {
    const { code, stdout } = await run({ GREETING_NAME: 'moon', OPS_TOKEN: password }, 'print-config');
    expect(code).toBe(0);
    expect(stdout).toContain('GREETING_NAME=moon  # environment\n');
    expect(stdout).toContain('SHUTDOWN_DELAY=0s  # default\n');
    expect(stdout).toContain('GREETING_PASSWORD=[secret]  # environment\n');
    expect(stdout).not.toContain(password);
  });

  test('does not mind a reader that leaves early', async () => {
    const script = `{ '${process.execPath}' '${file}' describe; echo "exit code $?" >&2; } | true`;
    await using shell = await startProcess('sh', ['-c', script], { env: { NODE_COMPILE_CACHE: cache.path } });
    await shell.exit;
    expect(shell.stderr).toBe('exit code 0\n');
  });

  test.each([[['gret']], [['serve', 'now']]])('%j is misuse: exit code 64, and where to look', async (commandLine) => {
    const { code, stdout, stderr } = await run({}, ...commandLine);
    expect([code, stdout, stderr]).toEqual([64, '', expect.stringContaining('`help` lists')]);
  });

  test('of the service prints, closes what it opened, and leaves standard output to itself', async () => {
    const { code, stdout } = await run({ LOG_LEVEL: 'debug' }, 'greet', 'moon');
    expect([code, stdout]).toEqual([0, 'hello moon\nclosed\n']);
  });

  test('that is used wrongly ends with exit code 64 and its usage', async () => {
    const { code, stdout, stderr } = await run({}, 'greet', '');
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toBe('Expected a name, got nothing\ngreeter greet <name>\n');
  });

  test('that fails ends with exit code 1, and closes what it opened', async () => {
    const { code, stdout, stderr } = await run({ FAULT: 'command-throws' }, 'greet');
    expect([code, stdout]).toEqual([1, 'hello world\nclosed\n']);
    expect(stderr).toContain('Error: nobody is there\n');
  });

  test('that is interrupted closes what it opened', async () => {
    await using child = await greeter({ FAULT: 'command-hangs' }, 'greet');
    await child.line('hello world');
    child.kill('SIGINT');
    expect(await child.exit).toEqual({ code: 130, signal: null });
    expect(child.stdout).toBe('hello world\nclosed\n');
  });
});
