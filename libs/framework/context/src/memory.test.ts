import { startProcess } from '@org/testing';
import { expect, test } from 'vitest';

// What `AbortSignal.any` would keep here, it keeps for as long as the service lives: more than a kilobyte a call.
const script = `
  import { createCall, runInCall } from '@org/context';
  const service = new AbortController();
  const work = async () => {
    for (let index = 0; index < 20_000; index += 1) {
      using call = createCall({ signal: service.signal, timeoutMs: 60_000 });
      call.signal.addEventListener('abort', () => {});
      runInCall(call, () => Promise.resolve());
      if (index % 1_000 === 0) await new Promise(setImmediate);
    }
    globalThis.gc();
    return process.memoryUsage().heapUsed;
  };
  await work();
  const before = await work();
  console.log(((await work()) - before) / 20_000);
  console.log(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length);
`;

test('tens of thousands of calls leave nothing in memory and nothing that keeps the process alive', async () => {
  const nodeArguments = ['--conditions=@org/source', '--expose-gc', '--input-type=module-typescript', '-'];
  const options = { cwd: import.meta.dirname, input: script };
  await using child = await startProcess(process.execPath, nodeArguments, options);
  expect(await child.exit).toEqual({ code: 0, signal: null });
  const [bytesPerCall, timers] = child.stdout.split('\n').map(Number);
  expect(bytesPerCall).toBeLessThan(50);
  expect(timers).toBe(0);
});
