import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startProcess } from './process.ts';
import { skipUnless } from './skip-unless.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const nats = { what: 'a NATS server', get: 'apt-get install nats-server' };

function fakeContext() {
  const context = {
    skips: [] as (string | undefined)[],
    task: { meta: {} },
    skip: (note?: string): never => {
      context.skips.push(note);
      throw new Error('skipped');
    },
  };
  return context;
}

describe('skipUnless', () => {
  test('lets the test run when what it needs is there', () => {
    const context = fakeContext();
    skipUnless(context, true, nats, {});
    skipUnless(context, true, nats, { CI: 'true' });
    expect(context).toMatchObject({ skips: [], task: { meta: {} } });
  });

  test('skips with how to get it', () => {
    const context = fakeContext();
    expect(() => skipUnless(context, false, nats, {})).toThrow('skipped');
    expect(context.skips).toEqual(['a NATS server: apt-get install nats-server']);
  });

  test('fails in a pipeline when npm or Debian can supply it', () => {
    const context = fakeContext();
    expect(() => skipUnless(context, false, nats, { CI: 'true' })).toThrow(
      'This test needs a NATS server, which a pipeline must have: apt-get install nats-server',
    );
    expect(context.skips).toEqual([]);
  });

  test('skips in a pipeline too when nothing can supply it', () => {
    const context = fakeContext();
    const docker = { what: 'a Docker engine', get: 'https://docs.docker.com/engine/', obtainable: false };
    expect(() => skipUnless(context, false, docker, { CI: 'true' })).toThrow('skipped');
    expect(context.task.meta).toEqual({ skipped: 'a Docker engine: https://docs.docker.com/engine/' });
  });

  test('stands in the JSON report of Vitest as `meta.skipped`', async () => {
    const { outcome } = await runVitest({});
    expect(outcome).toMatchObject({
      numPassedTests: 0,
      numPendingTests: 1,
      testResults: [
        { assertionResults: [{ status: 'skipped', meta: { skipped: 'a NATS server: apt-get install nats-server' } }] },
      ],
    });
  });

  test('fails the test in the JSON report of a pipeline', async () => {
    const { outcome } = await runVitest({ CI: 'true' });
    expect(outcome).toMatchObject({ numFailedTests: 1, numPendingTests: 0 });
  });
});

async function runVitest(env: Record<string, string>): Promise<{ outcome: unknown }> {
  await using directory = await temporaryDirectory();
  const vitest = createRequire(import.meta.url).resolve('vitest/package.json');
  const report = join(directory.path, 'report.json');
  await writeFile(
    join(directory.path, 'sample.test.ts'),
    `import { test } from ${JSON.stringify(join(dirname(vitest), 'dist/index.js'))};
     import { skipUnless } from ${JSON.stringify(join(import.meta.dirname, 'skip-unless.ts'))};
     test('talks to NATS', (context) => skipUnless(context, false, ${JSON.stringify(nats)}));`,
  );
  await using run = await startProcess(
    join(dirname(vitest), 'vitest.mjs'),
    ['run', '--root', directory.path, '--reporter=json', `--outputFile=${report}`],
    { env: { CI: undefined, VITEST: undefined, ...env } },
  );
  await run.exit;
  return { outcome: JSON.parse(await readFile(report, 'utf8')) };
}
