import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { event } from '../src/generators/event/generator.ts';
import { model, type ModelOptions } from '../src/generators/model/generator.ts';
import { service } from '../src/generators/service/generator.ts';
import { createCommittedScratch, generate } from './generate.ts';
import { scope } from './scratch.ts';

// That what is generated passes its own tests is seen in `service.test.ts`.

const scratch = createCommittedScratch();
afterAll(() => scratch[Symbol.dispose]());

const read = (file: string) => readFileSync(join(scratch.root, file), 'utf8');
const add = (name: string, options: Partial<ModelOptions> = {}) =>
  generate(scratch.root, (tree) => model(tree, { name, service: 'parcels', skipMigration: true, ...options }));
const started =
  "await start('database', (runtime) => openDatabase(settings.database, { models, migrations }, runtime));";

beforeAll(async () => {
  await generate(scratch.root, (tree) => service(tree, { name: 'parcels' }));
  await generate(scratch.root, (tree) => service(tree, { name: 'letters', database: true }));
  await generate(scratch.root, (tree) => service(tree, { name: 'busy', broker: true }));
  scratch.commit();
}, 60_000);

describe('nx g service --database', () => {
  test('makes a service that opens a database, has the sub-command for it, and keeps its greetings there', () => {
    const main = read('apps/letters/src/main.ts');
    expect(main).toContain('commands: [migration({ models, migrations })],');
    expect(main).toContain("const database = await start('database', (runtime) =>");
    expect(main).toContain('const routes = [...greetingRoutes(createGreetings(database))];');
    expect(read('apps/letters/src/config.ts')).toContain('database: databaseSettings(),');
    expect(read('apps/letters/README.md')).toContain('| `migrations/` |');
    expect(read('apps/parcels/README.md')).not.toContain('| `migrations/` |');
  });

  test('has the migration that would be generated from its model', () => {
    const folder = 'apps/letters/migrations';
    const made = read(`${folder}/0001_greetings.ts`);
    for (const file of ['0001_greetings.ts', 'snapshot.json']) rmSync(join(scratch.root, folder, file));
    const list = read(`${folder}/index.ts`);
    scratch.write(`${folder}/index.ts`, 'export const migrations = [];\n');
    const line = [`--conditions=${scope}/source`, 'src/main.ts', 'migration', 'generate', 'greetings'];
    const { status, stderr } = spawnSync(process.execPath, line, {
      cwd: join(scratch.root, folder, '..'),
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    expect([read(`${folder}/0001_greetings.ts`), read(`${folder}/index.ts`)]).toEqual([made, list]);
    scratch.commit();
  }, 60_000);
});

describe('nx g model', () => {
  test('with --dry-run writes nothing, and takes each field as an argument of its own', () => {
    const line = ['g', `${scope}/tools:model`, 'parcels', '--service', 'parcels', 'weight:integer', 'note:text?'];
    const { status, stdout, stderr } = scratch.run('nx', ...line, '--dry-run');
    expect({ status, changes: scratch.changes() }, stderr).toEqual({ status: 0, changes: [] });
    expect(stdout).toContain('CREATE apps/parcels/src/models/parcels.ts');
  });

  test('adds a table, its migration and its test, and opens a database where there is none yet', async () => {
    const fields = ['weight:integer', 'note:text?', 'customerId:uuid', 'sentAt:timestamp?'];
    const said = await add('order-lines', { fields, skipMigration: false });
    expect(said).toContain('wrote  migrations/0001_add_order_lines.ts');
    expect(said).toContain('parcels keeps `orderLines`.');
    expect(scratch.changes().sort()).toEqual([
      'apps/parcels/migrations/0001_add_order_lines.ts',
      'apps/parcels/migrations/index.ts',
      'apps/parcels/migrations/snapshot.json',
      'apps/parcels/package.json',
      'apps/parcels/src/config.ts',
      'apps/parcels/src/main.ts',
      'apps/parcels/src/models/index.ts',
      'apps/parcels/src/models/order-lines.test.ts',
      'apps/parcels/src/models/order-lines.ts',
      'package-lock.json',
    ]);
    expect(read('apps/parcels/src/models/order-lines.ts'))
      .toBe(`import { timestamps, version } from '${scope}/database';
import { integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

/** Say here what a row of it is. */
export const orderLines = pgTable('order_lines', {
  id: uuid().primaryKey().defaultRandom(),
  weight: integer().notNull(),
  note: text(),
  customerId: uuid('customer_id').notNull(),
  sentAt: timestamp('sent_at', { withTimezone: true }),
  version: version(),
  ...timestamps(),
});
`);
    expect(read('apps/parcels/migrations/0001_add_order_lines.ts')).toMatch(
      /"weight" integer NOT NULL,\s+"note" text,\s+"customer_id" uuid NOT NULL,\s+"sent_at" timestamp with time zone,/,
    );
    expect(read('apps/parcels/migrations/index.ts')).toContain('[m0001_add_order_lines]');
    expect(read('apps/parcels/src/main.ts')).toContain(started);
    expect(read('apps/parcels/package.json')).toMatch(/"drizzle-orm": "\d/);
    scratch.commit();
  }, 60_000);

  test('the same again changes nothing', async () => {
    const again = { fields: ['note:text?'], skipMigration: false };
    expect(await add('order-lines', again)).toContain(
      'parcels has order_lines already, as `orderLines`. Nothing to do.',
    );
    expect(scratch.changes()).toEqual([]);
  });

  test('adds the next one to the same lists, and with --skip-migration says how its migration is made', async () => {
    expect(await add('labels')).toContain('npx nx migration parcels generate add-labels');
    expect(read('apps/parcels/src/models/index.ts')).toBe(
      [
        '// The tables of this service. After a change: `npx nx migration parcels generate NAME`.',
        `export { orderLines } from './order-lines.ts';`,
        `export { labels } from './labels.ts';\n`,
      ].join('\n'),
    );
    expect(scratch.changes().filter((file) => !file.startsWith('apps/parcels/src/models/'))).toEqual([]);
    scratch.commit();
  });

  test('opens the database before a broker, whichever came first', async () => {
    await add('things', { service: 'busy' });
    await generate(scratch.root, (tree) => event(tree, { service: 'parcels', type: 'parcels.parcel.sent.v1' }));
    const [busy, parcels] = ['busy', 'parcels'].map((name) => [
      ...read(`apps/${name}/src/main.ts`).matchAll(/^ {2}commands:.*|^ {4}await start\('(?:database|broker)'.*/gm),
    ]);
    expect(busy?.map(([line]) => line)).toEqual([
      '  commands: [migration({ models, migrations }), deadLetters({ adapters }), topology({ adapters })],',
      `    ${started}`,
      "    await start('broker', (runtime) => openBroker(settings.broker, { adapters }, runtime));",
    ]);
    expect(parcels?.map(([line]) => line)).toEqual(busy?.map(([line]) => line));
    expect(read('apps/parcels/src/config.ts').match(/ {2}\w+: \w+Settings/g)).toEqual(
      read('apps/busy/src/config.ts').match(/ {2}\w+: \w+Settings/g),
    );
    scratch.commit();
  });

  test.each([
    ['Labels', 'expected a name in kebab-case'],
    ['order_lines', 'expected a name in kebab-case'],
    ['../labels', 'expected a name in kebab-case'],
    ['', 'expected a name in kebab-case'],
    ['l'.repeat(41), 'at most 40 characters'],
    ['order', '`order` is a word of SQL. Name it in the plural'],
    ['user', 'is a word of SQL'],
    ['current-user', '`current_user` is a word of SQL'],
    ['delete', 'the name `delete` is reserved'],
    ['index', 'the name `index` is reserved'],
    ['timestamps', 'the name `timestamps` is reserved'],
    ['applied-migrations', 'the name `applied-migrations` is reserved'],
  ])('refuses the name %j, and writes nothing', async (name, fault) => {
    await expect(add(name)).rejects.toThrow(fault);
    expect(scratch.changes()).toEqual([]);
  });

  test.each([
    [['total'], 'expected a field such as `total:integer`'],
    [['Total:integer'], 'expected a field such as'],
    [['total_sum:integer'], 'expected a field such as'],
    [[`${'t'.repeat(41)}:integer`], 'at most 40 characters'],
    [
      ['total:money'],
      'expected one of the types text, integer, bigint, numeric, boolean, uuid, date, timestamp, jsonb',
    ],
    [['total:constructor'], 'expected one of the types'],
    [['order:integer'], '`order` is a word of SQL'],
    [['xmin:integer'], '`xmin` is a word of SQL'],
    [['version:integer'], 'each model has a column `version` already'],
    [['createdAt:date'], 'each model has a column `createdAt` already'],
    [['total:integer', 'total:text'], 'the field `total` is there twice'],
  ])('refuses the fields %j, and writes nothing', async (fields, fault) => {
    await expect(add('totals', { fields })).rejects.toThrow(fault);
    expect(scratch.changes()).toEqual([]);
  });

  test('refuses a service that is not there, and a model that is there otherwise', async () => {
    await expect(add('things', { service: 'nobody' })).rejects.toThrow('there is no service `nobody`. The services of');
    await expect(add('labels', { fields: ['colour:text'] })).rejects.toThrow(
      'apps/parcels/src/models/labels.ts is there already, without `colour` as they are asked for',
    );
    expect(scratch.changes()).toEqual([]);
  });

  test.each([
    [
      'a constant',
      `export const stamps = 7;\n`,
      'it would be called `stamps`, which apps/parcels/src/models/own.ts has',
    ],
    [
      'a table',
      `import { pgTable } from 'drizzle-orm/pg-core';\n\nexport const stamp = pgTable('stamps', {});\n`,
      'apps/parcels/src/models/own.ts has a table `stamps` already',
    ],
  ])('refuses %s of the same name in another file, and writes nothing', async (_, text, fault) => {
    scratch.write('apps/parcels/src/models/own.ts', text);
    scratch.commit();
    await expect(add('stamps')).rejects.toThrow(fault);
    expect(scratch.changes()).toEqual([]);
  });
});

test('a migration that cannot be made leaves the model, and says what to mend and how to make it', async () => {
  scratch.write('apps/letters/src/models/broken.ts', `throw new Error('not today');\n`);
  scratch.write('apps/letters/src/models/index.ts', `import './broken.ts';\n`);
  scratch.commit();
  const adding = add('stamps', { service: 'letters', skipMigration: false });
  await expect(adding).rejects.toThrow(
    /run `npx nx migration letters generate add-stamps` once this is mended[^]*not today/,
  );
  expect(read('apps/letters/src/models/stamps.ts')).toContain("pgTable('stamps'");
  scratch.commit();
}, 60_000);

describe('a generator of models that cannot edit', () => {
  const main = 'apps/letters/src/main.ts';
  const cases = [
    {
      what: 'a `main.ts` that was rewritten by hand',
      file: main,
      change: () => `import { service } from './composition.ts';\n\nif (import.meta.main) await service.run();\n`,
      says: [main, 'By hand, add there', `import * as models from './models/index.ts';`, started],
    },
    {
      what: 'a database that is opened otherwise',
      file: main,
      change: (text: string) => text.replace('{ models, migrations }, runtime', '{ models: {} }, runtime'),
      says: [main, 'starts a `database` without models and migrations', started],
    },
    {
      what: 'models that come from elsewhere',
      file: main,
      change: (text: string) => text.replace('./models/index.ts', './tables.ts'),
      says: [main, 'starts a `database` without models and migrations'],
    },
    {
      what: 'sub-commands that are no list',
      file: 'apps/busy/src/main.ts',
      change: (text: string) =>
        text.replace(/commands: \[.*\],/, 'commands: all,').replace(/await start\('database'.*\n/, '\n'),
      says: ['apps/busy/src/main.ts', 'has no list of `commands`'],
    },
    {
      what: 'a `config.ts` without an object',
      file: 'apps/letters/src/config.ts',
      change: () => `export { config } from './made-elsewhere.ts';\n`,
      says: ['apps/letters/src/config.ts', 'database: databaseSettings(),'],
    },
    {
      what: 'a file that does not compile',
      file: main,
      change: (text: string) => text.replace('defineService({', 'defineService({{'),
      says: [`Cannot edit ${main}: it does not compile at line`],
    },
  ];

  test.each(cases)('says so of $what, with what to do, and writes nothing', async ({ file, change, says }) => {
    const before = read(file);
    scratch.write(file, change(before));
    scratch.commit();
    const [, name] = file.split('/');
    const thrown = await add('envelopes', { service: name! }).catch((error: Error) => error);
    expect(thrown).toBeInstanceOf(Error);
    for (const part of says) expect((thrown as Error).message).toContain(part);
    expect(scratch.changes()).toEqual([]);
    scratch.write(file, before);
    scratch.commit();
  });
});
