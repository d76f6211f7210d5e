import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePorts } from '@org/testing';
import { expect, test, vi } from 'vitest';
import { workspaceRoot } from './scratch.ts';

// `script` of util-linux is what makes a terminal here; elsewhere it takes other arguments.
test.runIf(process.platform === 'linux')(
  'on a terminal, `nx up` serves until Ctrl-C',
  async () => {
    const [rest, ops] = await freePorts(2);
    const inherited = Object.entries(process.env).filter(([key]) => !/^(NX_|NODE_OPTIONS$|CI$)/.test(key));
    const nx = join(workspaceRoot, 'node_modules/.bin/nx');
    const terminal = spawn('script', ['-qec', `${nx} up example-service`, '/dev/null'], {
      cwd: workspaceRoot,
      env: { ...Object.fromEntries(inherited), NX_DAEMON: 'false', PORT: String(rest), OPS_PORT: String(ops) },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exit = once(terminal, 'exit');
    const chunks: string[] = [];
    terminal.stdout.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
    const isReady = async () => (await fetch(`http://localhost:${ops}/readyz`)).status;
    await vi.waitFor(async () => expect(terminal.exitCode ?? (await isReady()), chunks.join('')).toBe(200), {
      timeout: 60_000,
      interval: 200,
    });
    terminal.stdin.write('\x03');
    await exit;
    await expect(isReady()).rejects.toThrow();
  },
  90_000,
);
