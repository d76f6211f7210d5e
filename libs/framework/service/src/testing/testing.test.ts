import { join } from 'node:path';
import { defineSettings, integer, variable } from '@org/config';
import { defineContract } from '@org/contract';
import { expect, test } from 'vitest';
import { defineService } from '../define-service.ts';
import { startBuilt, startService } from './index.ts';

const contract = defineContract({ name: 'counter', version: '1.0.0', title: 'Counter', operations: [] });

function counter() {
  const closed: string[] = [];
  const service = defineService({
    name: 'counter',
    contract,
    config: {
      counter: defineSettings({ from: variable('COUNT_FROM', integer(), { description: 'x', default: '1' }) }),
    },
    async start({ settings, start }) {
      await start('counter', ({ logger }) => {
        logger.info({ from: settings.counter.from }, 'counting');
        return {
          links: { API: 'http://localhost:1/' },
          [Symbol.asyncDispose]: async () => void closed.push('counter'),
        };
      });
    },
  });
  return { service, closed };
}

test('starts a service inside the process, and stops it when disposed', async () => {
  const { service, closed } = counter();
  {
    await using running = await startService(service, { environment: { COUNT_FROM: '7' } });
    expect(running.settings.counter.from).toBe(7);
    expect(running.url).toBe('http://localhost:1/');
    expect(running.links).toMatchObject({ API: 'http://localhost:1/', Health: `${running.opsUrl}/readyz` });
    expect((await fetch(`${running.opsUrl}/livez`)).status).toBe(200);
    expect(running.logs).toMatchObject([
      { level: 'info', service: 'counter', logger: 'counter', from: 7, msg: 'counting' },
    ]);
    expect(closed).toEqual([]);
  }
  expect(closed).toEqual(['counter']);
});

test('takes nothing from the environment of the process', async () => {
  process.env.COUNT_FROM = '9';
  try {
    await using running = await startService(counter().service);
    expect(running.settings.counter.from).toBe(1);
  } finally {
    delete process.env.COUNT_FROM;
  }
});

test('rejects when the service cannot start', async () => {
  const environment = { COUNT_FROM: 'x' };
  await expect(startService(counter().service, { environment })).rejects.toThrow('COUNT_FROM');
});

// From source, which is slower to start than a bundle and needs the condition, and else the same.
const file = join(import.meta.dirname, '../../test-fixtures/greeter.ts');
const fromSource = { NODE_OPTIONS: '--conditions=@org/source' };

test('starts a built service as a process of its own, and ends it when disposed', async () => {
  let pid: number;
  {
    await using running = await startBuilt(file, { environment: fromSource });
    pid = running.process.pid;
    expect(await (await fetch(running.url)).json()).toEqual({ hello: 'world' });
    expect((await fetch(`${running.opsUrl}/readyz`)).status).toBe(200);
    expect(running.logs).toMatchObject([{ service: 'greeter', links: running.links }]);
  }
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('rejects with what a built service has written when it cannot start', async () => {
  const environment = { ...fromSource, FAULT: 'open-throws' };
  await expect(startBuilt(file, { environment })).rejects.toThrow('Cannot open `server`: no luck');
});
