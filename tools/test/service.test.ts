import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCanary, postgresRequirement, skipUnless, startPostgres, startProcess } from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { connect } from '../src/generators/connect/generator.ts';
import { model, type ModelOptions } from '../src/generators/model/generator.ts';
import { route } from '../src/generators/route/generator.ts';
import { service, type ServiceOptions } from '../src/generators/service/generator.ts';
import { readManifest } from '../src/workspace.ts';
import { createCommittedScratch, generate } from './generate.ts';
import { scope } from './scratch.ts';

const scratch = createCommittedScratch();
afterAll(() => scratch[Symbol.dispose]());

const nx = (...line: string[]) => {
  const { status, stdout, stderr } = scratch.run('nx', ...line);
  return { status, output: stdout + stderr };
};
const read = (file: string) => readFileSync(join(scratch.root, file), 'utf8');
/** The lock file as npm writes it. */
function relocked(): string {
  const line = ['install', '--package-lock-only', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status, stderr } = spawnSync('npm', line, { cwd: scratch.root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return read('package-lock.json');
}
const make = (name: string, options: Partial<ServiceOptions> = {}) =>
  generate(scratch.root, (tree) => service(tree, { name, ...options }));
const addRoute = (name: string, endpoint: string) =>
  generate(scratch.root, (tree) => route(tree, { service: name, endpoint }));

const models: Pick<ModelOptions, 'name' | 'service' | 'fields'>[] = [
  // Its greetings are in a table already.
  { name: 'stamps', service: 'label-service', fields: ['price:numeric'] },
  {
    name: 'shipments',
    service: 'parcel-service',
    fields: [
      ...['weight:integer', 'cents:bigint', 'sentOn:date', 'arrivedAt:timestamp?', 'carrierId:uuid', 'fragile:boolean'],
      ...['note:text?', 'dimensions:jsonb', 'price:numeric'],
    ],
  },
];
const addModel = (options: ModelOptions) => generate(scratch.root, (tree) => model(tree, options));

const endpoints = [
  ...['GET /parcels', 'POST /parcels', 'GET /parcels/:id', 'PUT /parcels/:id', 'DELETE /parcels/:id'],
  ...['PATCH /parcels/:parcelId/labels/:labelId', 'POST /parcels/:id/cancel', 'GET /greetings', 'PUT /settings'],
];

describe('nx g service', () => {
  test('with --dry-run shows what it would write, and writes nothing', () => {
    const { status, output } = nx('g', `${scope}/tools:service`, 'parcel-service', '--dry-run');
    expect({ status, changes: scratch.changes() }).toEqual({ status: 0, changes: [] });
    expect(output).toContain('CREATE apps/parcel-service/src/main.ts');
  });

  test('writes a service and its contract, says what to try next, and touches nothing else but the lock file', () => {
    const { status, output } = nx('g', `${scope}/tools:service`, 'parcel-service');
    expect(status, output).toBe(0);
    for (const next of ['npx nx serve parcel-service', 'npx nx run-many -t lint', `npx nx g ${scope}/tools:route`]) {
      expect(output).toContain(next);
    }
    const elsewhere = scratch.changes().filter((file) => !/^(apps|libs\/contracts)\/parcel-service\//.test(file));
    expect(elsewhere).toEqual(['package-lock.json']);
  });

  test('gives it little to look after: no file of more than thirty lines, two hundred and twenty in all', () => {
    const files = scratch.changes().filter((file) => !/(openapi|package-lock)\.json$/.test(file));
    const lines = files.map((file) => ({ file, lines: read(file).trimEnd().split('\n').length }));
    expect(lines.filter((each) => each.lines > 30)).toEqual([]);
    expect(lines.reduce((sum, each) => sum + each.lines, 0)).toBeLessThanOrEqual(220);
  });

  test('leaves a lock file with which npm has nothing to do', () => {
    const before = read('package-lock.json');
    expect(relocked()).toBe(before);
  });

  test('refuses to make it a second time, and changes nothing', () => {
    scratch.commit();
    const { status, output } = nx('g', `${scope}/tools:service`, 'parcel-service');
    expect(status).toBe(1);
    expect(output).toContain(`the name is taken by ${scope}/parcel-service in apps/parcel-service`);
    expect(scratch.changes()).toEqual([]);
  });

  test('gives the next service the next block of ports, also one with a database and stores of secrets', async () => {
    await make('label-service', { database: true, secrets: ['vault', 'kubernetes', 'vault'] });
    const portsOf = (name: string) =>
      readManifest(join(scratch.root, 'apps', name, 'package.json')).nx?.metadata?.ports;
    expect([portsOf('parcel-service'), portsOf('label-service')]).toEqual([
      { rest: 3010, ops: 9474 },
      { rest: 3020, ops: 9484 },
    ]);
    scratch.commit();
  });

  test('has variables refer to the stores that were asked for, each once, and to none without', () => {
    const main = read('apps/label-service/src/main.ts');
    expect(main).toContain('secrets: [vault, kubernetes],');
    expect(main).toContain(`import { vault } from '${scope}/secrets-vault';`);
    expect(main).toContain(`import { kubernetes } from '${scope}/secrets-kubernetes';`);
    expect(readManifest(join(scratch.root, 'apps/label-service/package.json')).dependencies).toMatchObject({
      [`${scope}/secrets-kubernetes`]: '*',
      [`${scope}/secrets-vault`]: '*',
    });
    const line =
      'as [`vault:…`](../../libs/framework/secrets-vault) or [`kubernetes:…`](../../libs/framework/secrets-kubernetes).';
    expect(read('apps/label-service/README.md')).toContain(line);
    for (const file of ['src/main.ts', 'package.json', 'README.md']) {
      expect(read(`apps/parcel-service/${file}`)).not.toContain('secret');
    }
  });

  test('takes stores with commas on its command line, and refuses one that the workspace does not have', () => {
    const line = ['g', `${scope}/tools:service`, 'other-service', '--dry-run'];
    expect(nx(...line, '--secrets=vault,kubernetes')).toMatchObject({ status: 0 });
    const { status, output } = nx(...line, '--secrets=vault,etcd');
    expect(status).toBe(1);
    expect(output).toContain('expected `secrets` to be some of `kubernetes`, `vault`, got `etcd`');
    expect(scratch.changes()).toEqual([]);
  });

  test.each([
    ['Parcel', 'kebab-case'],
    ['parcel_service', 'kebab-case'],
    ['../parcel', 'kebab-case'],
    ['parcel--service', 'kebab-case'],
    ['', 'kebab-case'],
    ['a'.repeat(41), 'at most 40'],
    ['delete', 'reserved'],
    ['database', 'reserved'],
    ['node', 'reserved'],
    ['errors', `taken by ${scope}/errors`],
    ['label', undefined],
    ['parcel-contract', '-contract'],
  ])('for the name %j says %j', async (name, fault) => {
    const outcome = await make(name).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (fault === undefined) expect(outcome).toBeUndefined();
    else expect(outcome).toContain(fault);
    expect(scratch.changes().filter((file) => !/^(apps|libs\/contracts)\/label\/|package-lock/.test(file))).toEqual([]);
  });

  test('does not write into a folder that holds something', async () => {
    scratch.write('apps/notes/todo.md', '- tidy up\n');
    scratch.commit();
    await expect(make('notes')).rejects.toThrow('there is something at apps/notes already');
    expect(scratch.changes()).toEqual([]);
  });

  test('refuses an option that it does not know', () => {
    const { status, output } = nx('g', `${scope}/tools:service`, 'other-service', '--colour=red');
    expect(status).toBe(1);
    expect(output).toContain("'colour' is not found in schema");
    expect(scratch.changes()).toEqual([]);
  });
});

describe('a service that has grown', () => {
  beforeAll(async () => {
    for (const endpoint of endpoints) await addRoute('parcel-service', endpoint);
    await generate(scratch.root, (tree) => connect(tree, { from: 'parcel-service', to: 'label-service' }));
    for (const each of models) await addModel(each);
    scratch.commit();
  }, 120_000);

  test('grows no second time by the same', async () => {
    for (const endpoint of endpoints) expect(await addRoute('parcel-service', endpoint)).toContain('Nothing to do');
    const again = await generate(scratch.root, (tree) =>
      connect(tree, { from: 'parcel-service', to: 'label-service' }),
    );
    expect(again).toContain('Nothing to do');
    for (const each of models) expect(await addModel(each)).toContain('Nothing to do');
    expect(scratch.changes()).toEqual([]);
  });

  test('passes lint, types, tests, build and end-to-end tests untouched, and so does one that has not', () => {
    const names = ['parcel-service', 'parcel-service-contract', 'label-service', 'label-service-contract'];
    // Databases in several processes at once would be waited for too long.
    const line = ['run-many', '--parallel=2', '-t', 'lint', 'typecheck', 'test', 'build', 'e2e', '-p', names.join()];
    const { status, output } = nx(...line);
    expect(status, output).toBe(0);
  }, 600_000);

  test('is deployed with its database, and its card says what that needs', () => {
    expect(nx('manifests', 'label-service').status).toBe(0);
    expect(read('apps/label-service/deploy/base/migration-job/job.yaml')).toContain('- migration');
    expect(read('apps/label-service/deploy/overlays/local/settings.env')).toContain('\nDATABASE_URL=pglite:memory\n');
    const { output } = nx('readiness', 'label-service');
    expect(output).toContain('2 migrations made its tables; readiness has the check `database`');
  }, 120_000);

  test('is migrated by its Job, after which a start goes on that applies nothing itself', async (context) => {
    await using server = await startPostgres();
    skipUnless(context, server !== undefined, postgresRequirement);
    const job = parse(read('apps/label-service/deploy/base/migration-job/job.yaml'));
    const dist = join(scratch.root, 'apps/label-service/dist');
    const given = {
      PORT: '0',
      OPS_PORT: '0',
      DATABASE_URL: server.url,
      DATABASE_MIGRATE: 'verify',
      SHUTDOWN_DELAY: '0s',
    };
    const env = { NODE_ENV: 'production', ...given };
    const run = (line: string[]) =>
      spawnSync(process.execPath, ['main.js', ...line], { cwd: dist, env, encoding: 'utf8', timeout: 30_000 });
    expect(run([])).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('the database has not all migrations'),
    });
    const applied = 'applied  0001_greetings\napplied  0002_add_stamps\n';
    expect(run(job.spec.template.spec.containers[0].args)).toMatchObject({ status: 0, stdout: applied });
    await using started = await startProcess(join(dist, 'main.js'), [], { cwd: dist, env });
    await started.line('is ready', { timeoutMs: 20_000 });
    started.kill('SIGTERM');
    expect(await started.exit).toEqual({ code: 0, signal: null });
  }, 120_000);

  test('shows no secret that it was given, whatever it is asked and however its start fails', () => {
    const canary = createCanary();
    const dist = join(scratch.root, 'apps/label-service/dist');
    const secrets = {
      PORT: '0',
      OPS_PORT: '0',
      OPS_TOKEN: canary.value,
      VAULT_ADDR: 'http://127.0.0.1:1',
      VAULT_TOKEN: canary.value,
      DATABASE_URL: `postgres://labels:${canary.inUrl}@127.0.0.1:1/labels`,
      DATABASE_CREDENTIALS: `labels:${canary.value}`,
      DATABASE_CONNECT_TIMEOUT: '500ms',
      LOG_LEVEL: 'trace',
    };
    type Case = [status: number, line: string[], given: Record<string, string>];
    const cases: Case[] = [
      ...['print-config', 'check-config', 'describe', 'help'].map((line): Case => [0, [line], {}]),
      [1, [], {}],
      [1, ['migration', 'run'], {}],
      [78, [], { DATABASE_URL: canary.value }],
      [78, ['check-config'], { PORT: canary.value, DATABASE_CREDENTIALS: canary.value }],
      [1, [], { VAULT_TOKEN: canary.value, DATABASE_CREDENTIALS: 'vault:kv/labels' }],
    ];
    for (const [status, line, given] of cases) {
      const env = { ...secrets, ...given };
      const ended = spawnSync(process.execPath, ['main.js', ...line], {
        cwd: dist,
        env,
        encoding: 'utf8',
        timeout: 60_000,
      });
      const what = `main.js ${line.join(' ')} with ${Object.keys(given).join() || 'all in order'}`;
      canary.see(what, ended.stdout + ended.stderr);
      expect(ended.status, `${what}: ${ended.stdout}${ended.stderr}`).toBe(status);
    }
    expect(canary.findings()).toEqual([]);
  }, 120_000);

  test('keeps the lock file in step', () => {
    const before = read('package-lock.json');
    expect(relocked()).toBe(before);
  });
});

describe('a generator that cannot edit', () => {
  const cases = [
    {
      what: 'a `main.ts` that was rewritten by hand',
      file: 'apps/parcel-service/src/main.ts',
      text: `import { service, type ServiceOptions } from './composition.ts';\n\nif (import.meta.main) await service.run();\n`,
      says: ['apps/parcel-service/src/main.ts', 'By hand, add there', '...boxRoutes()'],
    },
    {
      what: 'a contract without a list of operations',
      file: 'libs/contracts/parcel-service/src/contract.ts',
      text: `export { contract } from './made-elsewhere.ts';\n`,
      says: ['libs/contracts/parcel-service/src/contract.ts', 'operations: [… , listBoxes]'],
    },
    {
      what: 'a contract that does not compile',
      file: 'libs/contracts/parcel-service/src/operations.ts',
      text: `import { defineOperation } from '${scope}/contract';\nexport const broken = defineOperation({ id: 'x' ;\n`,
      says: ['libs/contracts/parcel-service/src/operations.ts: it does not compile at line 2', 'Nothing was written'],
    },
    {
      what: 'a contract that cannot be run',
      file: 'libs/contracts/parcel-service/src/operations.ts',
      text: `import { greeting } from './greetings.ts';\n\nexport { greeting };\n`,
      says: ['the contract in libs/contracts/parcel-service/src/contract.ts cannot be run', 'Nothing was written'],
    },
  ];

  test.each(cases)('says so of $what, with what to do, and writes nothing', async ({ file, text, says }) => {
    const before = read(file);
    scratch.write(file, text);
    scratch.commit();
    const thrown = await addRoute('parcel-service', 'GET /boxes').catch((error: Error) => error);
    expect(thrown).toBeInstanceOf(Error);
    for (const part of says) expect((thrown as Error).message).toContain(part);
    expect(scratch.changes()).toEqual([]);
    writeFileSync(join(scratch.root, file), before);
    scratch.commit();
  });

  test('refuses to connect a service whose `start` has another shape, with the lines', async () => {
    const file = 'apps/label-service/src/main.ts';
    const before = read(file);
    scratch.write(file, before.replace('async start({ settings, start })', 'async start(context)'));
    scratch.commit();
    const connecting = generate(scratch.root, (tree) => connect(tree, { from: 'label-service', to: 'parcel-service' }));
    await expect(connecting).rejects.toThrow("await start('parcel-service', () => clientHealth(parcelService));");
    expect(scratch.changes()).toEqual([]);
    writeFileSync(join(scratch.root, file), before);
    scratch.commit();
  });

  test.each(['label-service', 'parcel-service'])(
    'refuses to connect where the contract of %s cannot be run, and writes nothing',
    async (broken) => {
      const file = `libs/contracts/${broken}/src/operations.ts`;
      const before = read(file);
      scratch.write(file, `${before}\nthrow new Error('not today');\n`);
      scratch.commit();
      const connecting = generate(scratch.root, (tree) =>
        connect(tree, { from: 'label-service', to: 'parcel-service' }),
      );
      await expect(connecting).rejects.toThrow(
        `the contract in libs/contracts/${broken}/src/contract.ts cannot be run`,
      );
      expect(scratch.changes()).toEqual([]);
      writeFileSync(join(scratch.root, file), before);
      scratch.commit();
    },
  );

  test.each([
    ['GET', 'GET /parcels/:id'],
    ['FETCH /parcels', 'a method and a path'],
    ['GET parcels', 'a method and a path'],
    ['GET /:id', 'a method and a path'],
    ['GET /Parcels', 'a method and a path'],
  ])('refuses the endpoint %j', async (endpoint, says) => {
    await expect(addRoute('parcel-service', endpoint)).rejects.toThrow(says);
  });

  test('names the services that there are when it is asked for another', async () => {
    await expect(addRoute('nobody', 'GET /x')).rejects.toThrow('`example-service`, `label`, `label-service`');
    const toItself = generate(scratch.root, (tree) => connect(tree, { from: 'label', to: 'label' }));
    await expect(toItself).rejects.toThrow('a service needs no client of itself');
  });

  test('refuses a second endpoint that matches the same requests, before anything is written', async () => {
    const clash = generate(scratch.root, (tree) =>
      route(tree, { service: 'parcel-service', endpoint: 'GET /parcels/:name', operation: 'findParcel' }),
    );
    await expect(clash).rejects.toThrow('Nothing was written');
    expect(scratch.changes()).toEqual([]);
  });
});
