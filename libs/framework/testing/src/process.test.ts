import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startProcess } from './process.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { waitFor } from './wait-for.ts';

const node = (script: string, options?: Parameters<typeof startProcess>[2]) =>
  startProcess(process.execPath, ['--eval', script], options);

/** Whether a process runs: one that has ended and is not yet reaped by whoever adopted it does not. */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined);
  return status !== undefined && !/^State:\s+Z/m.test(status);
}

const isGone = async (pid: number) => !(await isRunning(pid));

describe('startProcess', () => {
  test('collects what the process writes and tells how it ended', async () => {
    await using child = await node(`console.log('out'); console.error('err'); process.exitCode = 3;`);
    expect(await child.exit).toEqual({ code: 3, signal: null });
    expect(child.stdout).toBe('out\n');
    expect(child.stderr).toContain('err');
  });

  test('runs a script with Node, in a folder, with an environment and an input', async () => {
    await using directory = await temporaryDirectory();
    const script = join(directory.path, 'script.ts');
    await writeFile(
      script,
      `import { text } from 'node:stream/consumers';
       const seen: unknown = [process.cwd(), process.env.ADDED, process.env.HOME, process.argv[2], await text(process.stdin)];
       console.log(JSON.stringify(seen));`,
    );
    const options = { cwd: directory.path, env: { ADDED: 'yes', HOME: undefined }, input: 'given' };
    await using child = await startProcess(script, ['argument'], options);
    expect(await child.exit).toEqual({ code: 0, signal: null });
    expect(JSON.parse(child.stdout)).toEqual([directory.path, 'yes', null, 'argument', 'given']);
  });

  test('rejects when the program cannot be started', async () => {
    await expect(startProcess('no-such-program')).rejects.toThrow('ENOENT');
    await expect(startProcess('node', [], { cwd: '/no/such/folder' })).rejects.toThrow('ENOENT');
  });

  test('keeps the end of an output that is too long', async () => {
    await using child = await node(`for (let i = 0; i < 20_000; i += 1) console.log('line ' + i);`);
    await child.exit;
    const lines = child.stdout.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(10_001);
    expect(lines.at(-1)).toBe('line 19999');
  });

  test('tells a line without end in pieces', async () => {
    await using child = await node(`process.stdout.write('x'.repeat(200_000)); setInterval(() => {}, 1000);`);
    expect(await child.line('xxx')).toHaveLength(65_536);
  });
});

describe('line', () => {
  test('finds a line that is already written', async () => {
    await using child = await node(`console.log('one'); console.log('two'); console.error('three');`);
    await child.exit;
    expect(await child.line('tw')).toBe('two');
    expect(await child.line(/^three$/)).toBe('three');
    expect(await child.line((line) => line.length === 3)).toBe('one');
  });

  test('waits for a line that is still to come', async () => {
    await using child = await node(
      `process.on('SIGUSR2', () => console.log('signalled')); setInterval(() => {}, 1000); console.log('ready');`,
    );
    await child.line('ready');
    const line = child.line('signalled');
    child.kill('SIGUSR2');
    expect(await line).toBe('signalled');
  });

  test('rejects with the last output when the process ends without it', async () => {
    await using child = await node(`console.error('cannot listen'); process.exitCode = 1;`);
    await expect(child.line('ready')).rejects.toThrow(/with `ready`.*it ended with 1.*\ncannot listen/s);
  });

  test('rejects when it does not come in time', async () => {
    await using child = await node(`console.log('starting'); setInterval(() => {}, 1000);`);
    await child.line('starting');
    await expect(child.line(/ready/, { timeoutMs: 20 })).rejects.toThrow(
      /like \/ready\/.*none came in 20 ms.*starting/s,
    );
  });
});

describe('disposal', () => {
  test('ends a process that listens to SIGTERM, and lets it finish', async () => {
    const child = await node(
      `process.once('SIGTERM', () => { console.log('bye'); process.exit(0); }); setInterval(() => {}, 1000); console.log('ready');`,
    );
    await child.line('ready');
    await child[Symbol.asyncDispose]();
    expect(await child.exit).toEqual({ code: 0, signal: null });
    expect(child.stdout).toBe('ready\nbye\n');
  });

  test('kills a process that does not', async () => {
    const child = await node(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('ready');`, {
      graceMs: 50,
    });
    await child.line('ready');
    await Promise.all([child[Symbol.asyncDispose](), child[Symbol.asyncDispose]()]);
    expect(await child.exit).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await isRunning(child.pid)).toBe(false);
  });

  test('leaves nothing that the process has started', async () => {
    const child = await node(
      `const { spawn } = require('node:child_process');
       const grandchild = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
       console.log('grandchild ' + grandchild.pid);
       setInterval(() => {}, 1000);`,
    );
    const pid = Number((await child.line('grandchild')).split(' ')[1]);
    expect(await isRunning(pid)).toBe(true);
    await child[Symbol.asyncDispose]();
    await waitFor(() => isGone(pid), { what: 'the grandchild to end' });
  });

  test('is no fault after the process has ended, and leaves no listener', async () => {
    const before = process.listenerCount('exit');
    const child = await node('');
    await child.exit;
    await child[Symbol.asyncDispose]();
    child.kill();
    expect(process.listenerCount('exit')).toBe(before);
  });
});

test('a process does not outlive the one that started it', async () => {
  const library = JSON.stringify(join(import.meta.dirname, 'process.ts'));
  await using parent = await startProcess(process.execPath, ['--input-type=module-typescript', '-'], {
    input: `import { startProcess } from ${library};
        const child = await startProcess(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
        console.log('child ' + child.pid);
        process.exit(0);`,
  });
  const pid = Number((await parent.line('child')).split(' ')[1]);
  await parent.exit;
  await waitFor(() => isGone(pid), { what: 'the child to end' });
});
