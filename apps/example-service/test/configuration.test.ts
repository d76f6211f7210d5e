import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeService } from '@org/service';
import { startBuilt } from '@org/service/testing';
import { temporaryDirectory } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { service } from '../src/main.ts';
import { main, runBuilt } from './built.ts';

async function outcome(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd?: string) {
  await using child = await runBuilt(args, { DATABASE_URL: '', ...env }, cwd);
  const { code } = await child.exit;
  return { code, stdout: child.stdout, stderr: child.stderr };
}

const broken = { PORT: 'http', REST_BODY_LIMIT: 'much', DATABASE_URL: 'mysql://orders:hunter2@db/orders' };

describe('a broken configuration', () => {
  test.each([[[]], [['check-config']], [['print-config']]])('ends %j with 78 and all faults at once', async (args) => {
    const { code, stdout, stderr } = await outcome(args, { ...broken, SHUTDOWN_DELAY: '1m' });
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    for (const name of [...Object.keys(broken), 'SHUTDOWN_DELAY']) expect(stderr).toContain(name);
    expect(stderr).not.toContain('hunter2');
  });

  test.each([[['help']], [['describe']]])('does not matter to %j', async (args) => {
    const { code, stderr } = await outcome(args, broken);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('in production', () => {
  test('what is embedded must be named, and the faults say so', async () => {
    const { code, stdout, stderr } = await outcome([], { NODE_ENV: 'production' });
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    expect(stderr).toMatch(/DATABASE_URL: .*pglite:.*only when it is named/);
    expect(stderr).toMatch(/BROKER_URL: .*memory:.*only when it is named/);
  });

  test('it serves once it is named', async () => {
    const named = { DATABASE_URL: 'pglite:memory', BROKER_URL: 'memory:' };
    const environment = { NODE_ENV: 'production', SHUTDOWN_DELAY: '0s', ...named };
    await using built = await startBuilt(main, { environment });
    expect((await fetch(`${built.url}/orders`)).status).toBe(200);
  });
});

describe('the built file as its own tool', () => {
  test('describes what the source does', async () => {
    const { stdout } = await outcome(['describe']);
    expect(JSON.parse(stdout)).toEqual(describeService(service.definition));
  });

  test('prints what is in force and where from, without secrets', async () => {
    const { code, stdout } = await outcome(['print-config'], { PORT: '8080', OPS_TOKEN: 'hunter2' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^PORT=8080 +# .*environment/m);
    expect(stdout).toMatch(/^DATABASE_URL=pglite:\.data\/example-service +# .*default/m);
    expect(stdout).toMatch(/^OPS_TOKEN=\[secret\]/m);
  });

  test('lists its commands', async () => {
    const { stdout } = await outcome(['help']);
    for (const name of ['serve', 'describe', 'check-config', 'print-config', 'help', 'dead-letters', 'topology'])
      expect(stdout).toContain(name);
  });

  test('refuses a command that it does not have', async () => {
    const { code, stderr } = await outcome(['migrate']);
    expect(code).toBe(64);
    expect(stderr).toContain('migrate');
  });

  test('reads `.env` in development, and takes `.env.example` as it is', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, '.env');
    await writeFile(file, 'PORT=4321\n');
    expect((await outcome(['print-config'], {}, directory.path)).stdout).toMatch(/^PORT=4321 /m);
    await copyFile(join(import.meta.dirname, '../.env.example'), file);
    expect(await outcome(['check-config'], {}, directory.path)).toMatchObject({ code: 0, stderr: '' });
  });
});
