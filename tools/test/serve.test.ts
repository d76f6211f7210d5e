import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { createScratch, workspaceRoot } from './scratch.ts';

// An application that says what happens to it, and a file that it depends on.
const scratch = createScratch([]);
scratch.write('package.json', { type: 'module' });
scratch.write('library.ts', 'export const text = "one";');
scratch.write(
  'app/src/main.ts',
  `import { text } from '../../library.ts';
   import { setTimeout } from 'node:timers/promises';
   console.log('up with ' + text, ...process.argv.slice(2), ...process.execArgv.filter((each) => each.includes('trace')));
   const alive = setInterval(() => {}, 1_000);
   for (const signal of ['SIGINT', 'SIGTERM']) {
     process.on(signal, async () => {
       console.log('asked to stop');
       await setTimeout(200);
       console.log('stopped');
       clearInterval(alive);
     });
   }`,
);
afterAll(() => scratch[Symbol.dispose]());

test('an application is served again after a change of a library, and stops once for a Ctrl-C that arrives twice', async () => {
  const line = [join(workspaceRoot, 'tools/src/serve.ts'), '--trace-uncaught', '--for-the-application'];
  const served = spawn(process.execPath, line, {
    cwd: join(scratch.root, 'app'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(served, 'exit');
  const chunks: string[] = [];
  served.stdout.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  const shows = (text: string) => vi.waitFor(() => expect(chunks.join('')).toContain(text), { timeout: 10_000 });

  await shows('up with one --for-the-application --trace-uncaught');
  scratch.write('library.ts', 'export const text = "two";');
  await shows('up with two');

  chunks.length = 0;
  served.kill('SIGINT');
  await shows('asked to stop');
  served.kill('SIGINT');
  expect(await exit).toEqual([0, null]);
  expect(chunks.join('').match(/asked to stop|stopped/g)).toEqual(['asked to stop', 'stopped']);
});
