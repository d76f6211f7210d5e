import { createRotatingSecret, defineSettings, secret, text, variable, type SecretValue } from '@org/config';
import { defineContract } from '@org/contract';
import { ServiceError } from '@org/errors';
import { describe, expect, test } from 'vitest';
import { defineService } from './define-service.ts';
import type { Start } from './definition.ts';
import { startService } from './testing/index.ts';

const contract = defineContract({ name: 'greeter', version: '1.0.0', title: 'Greeter', operations: [] });
const config = {
  greeter: defineSettings({
    password: variable('GREETING_PASSWORD', secret(text({ pattern: /^[a-z0-9]+$/, expected: 'letters' })), {
      description: 'A secret.',
      default: 'none',
    }),
    name: variable('GREETING_NAME', text(), { description: 'Whom to greet.', default: 'world' }),
  }),
};
const environmentOfStores = { VAULT_ADDRESS: 'memory', AWS_REGION: 'here' };

/** Stores that keep note of what happens to them, and a service that does as well. */
function setUp({
  fails = {},
  start = async () => {},
}: { fails?: Record<string, Error>; start?: (start: Start) => Promise<void> } = {}) {
  const happened: string[] = [];
  const rotating = createRotatingSecret<SecretValue>('hunter2');
  const store = (scheme: string, variableName: string) => ({
    scheme,
    settings: defineSettings({
      address: variable(variableName, text(), { description: 'Where.', references: false }),
    }),
    async open({ address }: { address: string }) {
      happened.push(`open ${scheme} at ${address}`);
      return {
        async read({ path }: { path: string }) {
          happened.push(`read ${path}`);
          if (fails[path]) throw fails[path];
          return rotating.secret;
        },
        [Symbol.asyncDispose]: async () => void happened.push(`close ${scheme}`),
      };
    },
  });
  const service = defineService({
    name: 'greeter',
    contract,
    config,
    secrets: [store('vault', 'VAULT_ADDRESS'), store('aws', 'AWS_REGION')],
    async start({ settings, start: open }) {
      happened.push(`start with ${settings.greeter.password.reveal()}`);
      await open('server', () => ({ [Symbol.asyncDispose]: async () => void happened.push('close server') }));
      await start(open);
    },
  });
  return { service, happened, rotating };
}

describe('secret stores', () => {
  test('stay closed when nothing refers to them', async () => {
    const { service, happened } = setUp();
    await using running = await startService(service, { environment: environmentOfStores });
    expect(running.settings.greeter.password.reveal()).toBe('none');
    await running.stop('test');
    expect(happened).toEqual(['start with none', 'close server']);
  });

  test('are opened before the parts when a variable refers to them, and closed after them', async () => {
    const { service, happened } = setUp();
    const environment = { ...environmentOfStores, GREETING_PASSWORD: 'vault:kv/greeter', GREETING_NAME: 'aws:name' };
    await using running = await startService(service, { environment });
    await running.stop('test');
    expect(happened.toSpliced(2, 2)).toEqual([
      'open vault at memory',
      'open aws at here',
      'start with hunter2',
      'close server',
      'close aws',
      'close vault',
    ]);
    expect(happened.slice(2, 4).toSorted()).toEqual(['read kv/greeter', 'read name']);
  });

  test('give way to `env:`, which every service has', async () => {
    const { service } = setUp();
    const environment = { ...environmentOfStores, GREETING_PASSWORD: 'env:OTHER', OTHER: 'fromthere' };
    await using running = await startService(service, { environment });
    expect(running.settings.greeter.password.reveal()).toBe('fromthere');
  });

  test('that cannot give what is asked end the start, by name, and are closed', async () => {
    const fails = {
      'kv/one': new ServiceError('not_found', 'there is no kv/one'),
      'kv/two': new ServiceError('unavailable', 'nobody answers'),
    };
    const { service, happened } = setUp({ fails });
    const logs: string[] = [];
    const environment = { ...environmentOfStores, GREETING_PASSWORD: 'vault:kv/one', GREETING_NAME: 'vault:kv/two' };
    const opening = service.open({
      environment: { ...environment, OPS_PORT: '0' },
      logs: (line) => void logs.push(line),
    });
    const error = await opening.then(
      () => undefined,
      (thrown: ServiceError) => thrown,
    );
    expect(error).toMatchObject({ reason: 'SECRETS_UNAVAILABLE' });
    expect(error?.message).toMatch(/GREETING_PASSWORD[^]*kv\/one[^]*GREETING_NAME[^]*nobody answers/);
    expect(happened.filter((what) => !what.startsWith('read'))).toEqual(['open vault at memory', 'close vault']);
    expect(logs.filter((line) => line.includes('cannot start'))).toHaveLength(1);
  });

  test('whose new value is refused are logged without it, and the last good value stays', async () => {
    const { service, rotating } = setUp();
    const environment = { ...environmentOfStores, GREETING_PASSWORD: 'vault:kv/greeter' };
    await using running = await startService(service, { environment });
    rotating.rotate('hunter3');
    expect(running.settings.greeter.password.reveal()).toBe('hunter3');
    rotating.rotate('HUNTER 4');
    expect(running.settings.greeter.password.reveal()).toBe('hunter3');
    expect(running.logs).toContainEqual(
      expect.objectContaining({
        level: 'error',
        variable: 'GREETING_PASSWORD',
        msg: expect.stringContaining('refused'),
      }),
    );
    expect(JSON.stringify(running.logs)).not.toMatch(/hunter/i);
  });
});

describe('a start that fails', () => {
  test('opens nothing when the configuration is at fault', async () => {
    const { service, happened } = setUp();
    const environment = { OPS_PORT: 'x', GREETING_PASSWORD: 'NO GOOD' };
    const error = (await startService(service, { environment }).catch((thrown: unknown) => thrown)) as ServiceError;
    expect(error).toMatchObject({ code: 'invalid_argument', reason: 'CONFIGURATION_INVALID' });
    for (const name of ['OPS_PORT', 'GREETING_PASSWORD', 'VAULT_ADDRESS', 'AWS_REGION'])
      expect(error.message).toContain(name);
    expect(error.message).not.toContain('NO GOOD');
    expect(happened).toEqual([]);
  });

  test('refuses contradictions', async () => {
    const environment = { ...environmentOfStores, SHUTDOWN_DELAY: '30s', SHUTDOWN_TIMEOUT: '20s' };
    await expect(startService(setUp().service, { environment })).rejects.toThrow(/SHUTDOWN_DELAY.*shorter/);
  });

  test('closes what was open, and what a part beside it opens later', async () => {
    const slow = Promise.withResolvers<AsyncDisposable>();
    const closed = Promise.withResolvers<void>();
    const { service, happened } = setUp({
      start: async (start) => {
        await Promise.all([
          start('slow', () => slow.promise),
          start('broken', () => Promise.reject(new Error('no luck'))),
        ]);
      },
    });
    await expect(startService(service, { environment: environmentOfStores })).rejects.toThrow(
      'Cannot open `broken`: no luck',
    );
    expect(happened).toEqual(['start with none', 'close server']);
    slow.resolve({ [Symbol.asyncDispose]: async () => closed.resolve() });
    await closed.promise;
  });

  test('ends when it is told to, and closes what was open', async () => {
    const stop = new AbortController();
    const { service, happened } = setUp({
      start: async (start) => {
        setImmediate(() => stop.abort());
        await start('broker', () => new Promise<never>(() => {}));
      },
    });
    const logs: string[] = [];
    const opening = service.open({
      environment: { ...environmentOfStores, OPS_PORT: '0' },
      signal: stop.signal,
      logs: (line) => void logs.push(line),
    });
    await expect(opening).rejects.toMatchObject({ code: 'cancelled', reason: 'STOPPED_DURING_START' });
    expect(happened.at(-1)).toBe('close server');
    expect(logs.join('')).toContain('was told to stop');
    expect(logs.join('')).not.toContain('"fatal"');
  });

  test('does not begin when it was told to stop before', async () => {
    const { service, happened } = setUp();
    const environment = { ...environmentOfStores, OPS_PORT: '0' };
    const opening = service.open({ environment, signal: AbortSignal.abort(), logs: () => {} });
    await expect(opening).rejects.toMatchObject({ reason: 'STOPPED_DURING_START' });
    expect(happened).toEqual([]);
  });
});

describe('a service inside a process', () => {
  test('hints at variables whose names look mistyped, without their values', async () => {
    const environment = { ...environmentOfStores, GREETING_NAMES: 'hunter2' };
    await using running = await startService(setUp().service, { environment });
    const warnings = running.logs.filter(({ level }) => level === 'warn');
    expect(warnings).toMatchObject([{ msg: expect.stringContaining('GREETING_NAME?') }]);
    expect(JSON.stringify(running.logs)).not.toContain('hunter2');
  });

  test('runs beside another, with logs and ops port of its own', async () => {
    const environment = environmentOfStores;
    await using one = await startService(setUp().service, {
      environment: { ...environment, SERVICE_VERSION: '1.0.0' },
    });
    await using two = await startService(setUp().service, {
      environment: { ...environment, SERVICE_VERSION: '2.0.0' },
    });
    expect(one.opsUrl).not.toBe(two.opsUrl);
    await one.stop('test');
    await expect(fetch(`${one.opsUrl}/livez`)).rejects.toThrow();
    expect(await (await fetch(`${two.opsUrl}/info`)).json()).toMatchObject({ version: '2.0.0' });
    expect((await fetch(`${two.opsUrl}/readyz`)).status).toBe(200);
    expect((await fetch(`${two.opsUrl}/metrics`)).status).toBe(200);
    expect(new Set(one.logs.map(({ version }) => version))).toEqual(new Set(['1.0.0']));
  });

  test('answers on the ops port while it drains, and while what was opened first is still open', async () => {
    const drained = Promise.withResolvers<void>();
    const seen: number[] = [];
    const probe = async () => {
      for (const path of ['/livez', '/readyz']) seen.push((await fetch(`${running.opsUrl}${path}`)).status);
    };
    const { service } = setUp({
      start: async (start) => {
        await start('first', () => ({ [Symbol.asyncDispose]: probe }));
        await start('second', () => ({ drain: () => drained.promise, [Symbol.asyncDispose]: async () => {} }));
      },
    });
    const running = await startService(service, { environment: environmentOfStores });
    const stopping = running.stop('test');
    await probe();
    drained.resolve();
    expect(await stopping).toEqual([]);
    expect(seen).toEqual([200, 503, 200, 503]);
  });

  test('stops once, whoever asks and however often', async () => {
    const { service, happened } = setUp();
    const running = await startService(service, { environment: environmentOfStores });
    const [first, second] = await Promise.all([running.stop('one'), running.stop('two')]);
    await running[Symbol.asyncDispose]();
    expect([first, second]).toEqual([[], []]);
    expect(happened).toEqual(['start with none', 'close server']);
    expect(running.logs.filter(({ reason }) => reason !== undefined)).toMatchObject([{ reason: 'one' }]);
  });

  test('gives what did not end well', async () => {
    const { service } = setUp({
      start: async (start) => {
        await start('hanging', () => ({ [Symbol.asyncDispose]: () => new Promise<never>(() => {}) }));
        await start('broken', () => ({ [Symbol.asyncDispose]: async () => Promise.reject(new Error('no')) }));
      },
    });
    const environment = { ...environmentOfStores, SHUTDOWN_TIMEOUT: '200ms' };
    const running = await startService(service, { environment });
    expect(await running.stop('test')).toEqual([
      { resource: 'broken', during: 'disposal', error: new Error('no') },
      { resource: 'hanging', during: 'disposal' },
    ]);
    const errors = running.logs.filter(({ level }) => level === 'error');
    expect(errors).toMatchObject([
      { resource: 'broken', msg: 'The disposal of broken failed' },
      { resource: 'hanging', msg: 'The disposal of hanging did not end in time' },
    ]);
  });

  test('leaves no listener on the process behind', async () => {
    const count = () =>
      process
        .eventNames()
        .map((name) => `${String(name)} ${process.listenerCount(name)}`)
        .toSorted();
    // What libraries add once per process is there after the first.
    await (await startService(setUp().service, { environment: environmentOfStores })).stop('test');
    const before = count();
    await (await startService(setUp().service, { environment: environmentOfStores })).stop('test');
    expect(count()).toEqual(before);
  });

  test('leaves nothing behind on a signal that outlives it', async () => {
    const stop = new AbortController();
    let listeners = 0;
    const add = stop.signal.addEventListener.bind(stop.signal);
    const remove = stop.signal.removeEventListener.bind(stop.signal);
    Object.assign(stop.signal, {
      addEventListener: (...given: Parameters<typeof add>) => ((listeners += 1), add(...given)),
      removeEventListener: (...given: Parameters<typeof remove>) => ((listeners -= 1), remove(...given)),
    });
    const environment = { ...environmentOfStores, OPS_PORT: '0' };
    const running = await setUp().service.open({ environment, signal: stop.signal, logs: () => {} });
    await running.stop('test');
    expect(listeners).toBe(0);
  });
});
