import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { targetsOf } from '../src/targets.ts';
import { projectOf, readManifest, readProject, type Manifest } from '../src/workspace.ts';
import { createScratch, scope, workspaceRoot } from './scratch.ts';

// A service with a table, its migrations, and the command.
const root = 'apps/parcel-service';
const dependencies = ['contract', 'database', 'service'].map((name) => `${scope}/${name}`);
const drizzle =
  readManifest(join(workspaceRoot, 'libs/framework/database/package.json')).dependencies?.['drizzle-orm'] ?? '';
const manifest: Manifest = {
  name: `${scope}/parcel-service`,
  version: '0.0.1',
  dependencies: { ...Object.fromEntries(dependencies.map((name) => [name, '*'])), 'drizzle-orm': drizzle },
  nx: { tags: ['layer:app'] },
};
const parcels = (columns: string) => `import { integer, pgTable, text } from 'drizzle-orm/pg-core';

export const unit = integer;
export const parcels = pgTable('parcels', { id: text().primaryKey()${columns} });\n`;
const main = `import { defineContract } from '${scope}/contract';
import { databaseSettings, migration, openDatabase } from '${scope}/database';
import { defineService } from '${scope}/service';
import { migrations } from '../migrations/index.ts';
import * as models from './models.ts';

export const service = defineService({
  name: 'parcel-service',
  config: { database: databaseSettings() },
  contract: defineContract({ name: 'parcel-service', version: '1.0.0', operations: [] }),
  commands: [migration({ models, migrations })],
  async start({ settings, start }) {
    await start('database', (runtime) => openDatabase(settings.database, { models, migrations }, runtime));
  },
});

if (import.meta.main) await service.run();
`;

const scratch = createScratch([
  ...['libs', 'tools', 'package.json', 'package-lock.json', 'nx.json', 'eslint.config.js'],
  ...['.prettierrc.json', 'tsconfig.base.json', 'tsconfig.build.json'],
]);
afterAll(() => scratch[Symbol.dispose]());

beforeAll(() => {
  scratch.write(`${root}/package.json`, `${JSON.stringify({ ...manifest, type: 'module' }, undefined, 2)}\n`);
  scratch.write(`${root}/tsconfig.json`, '{ "extends": "../../tsconfig.base.json" }\n');
  scratch.write(`${root}/src/main.ts`, main);
  scratch.write(`${root}/src/models.ts`, parcels(''));
  const empty = `import type { Migration } from '${scope}/database';\n\nexport const migrations: readonly Migration[] = [];\n`;
  scratch.write(`${root}/migrations/index.ts`, empty);
  scratch.link();
});

const nx = (...line: string[]) => {
  const { status, stdout, stderr } = scratch.run('nx', ...line);
  return { status, output: stdout + stderr };
};

test('an application that depends on the database has the command, and with migrations the check before lint', () => {
  const targets = targetsOf(scratch.root, readProject(scratch.root, root));
  expect(targets.migration).toMatchObject({
    options: { command: expect.stringMatching(/ src\/main\.ts migration$/), cwd: root },
  });
  expect(targets.migration?.cache).toBeUndefined();
  expect(targets['migration-check']).toMatchObject({ cache: true });
  expect(targets.lint).toMatchObject({ dependsOn: ['migration-check'], cache: true });

  const without = targetsOf(scratch.root, projectOf('apps/without', { ...manifest, dependencies: {} }));
  expect(Object.keys(without)).not.toContain('migration');
  expect(Object.keys(without)).not.toContain('migration-check');
  expect(without.lint).not.toHaveProperty('dependsOn');
});

describe('the migrations of a service', { timeout: 600_000 }, () => {
  test('are made from its models, and checked together with whatever else is', () => {
    expect(nx('migration', 'parcel-service', 'generate', 'parcels')).toMatchObject({
      status: 0,
      output: expect.stringContaining('wrote  migrations/0001_parcels.ts'),
    });
    expect(nx('lint', 'parcel-service')).toMatchObject({
      status: 0,
      output: expect.stringContaining('The migrations make the tables of the models (1)'),
    });
    scratch.write(`${root}/src/models.ts`, parcels(', weight: integer()'));
    const behind = nx('migration-check', 'parcel-service');
    expect(behind.status).not.toBe(0);
    expect(behind.output).toContain('ALTER TABLE "parcels" ADD COLUMN "weight" integer;');
    expect(nx('migration', 'parcel-service', 'generate', 'weight').status).toBe(0);
    expect(nx('migration-check', 'parcel-service').status).toBe(0);
  });

  test('are applied, undone and listed from the bundle, in a folder with nothing beside it', async () => {
    expect(nx('build', 'parcel-service').status).toBe(0);
    await using folder = await temporaryDirectory();
    cpSync(join(scratch.root, root, 'dist'), join(folder.path, 'image'), { recursive: true });
    const packages = readFileSync(join(folder.path, 'image/dependencies.json'), 'utf8');
    expect(packages).toContain('drizzle-orm');
    expect(packages).not.toMatch(/drizzle-kit|libpg-query/);
    const run = (...line: string[]) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, ['image/main.js', ...line], {
        cwd: folder.path,
        env: { PATH: process.env.PATH, DATABASE_URL: `pglite:${join(folder.path, 'database')}`, LOG_LEVEL: 'warn' },
        encoding: 'utf8',
      });
      return {
        status,
        lines: stdout
          .trim()
          .split('\n')
          .map((line) => line.split('  ').slice(0, 2).join(' ')),
        stderr,
      };
    };
    const command = (...line: string[]) => run('migration', ...line);

    expect(command('status')).toMatchObject({ status: 0, lines: ['pending 0001_parcels', 'pending 0002_weight'] });
    expect(command('run')).toMatchObject({ status: 0, lines: ['applied 0001_parcels', 'applied 0002_weight'] });
    expect(command('run')).toMatchObject({ status: 0, lines: ['Nothing to do'] });
    expect(command('rollback')).toMatchObject({ status: 0, lines: ['undone 0002_weight'] });
    expect(command('baseline')).toMatchObject({ status: 1, stderr: expect.stringContaining('recorded already') });
    expect(command('status')).toMatchObject({ status: 0, lines: ['applied 0001_parcels', 'pending 0002_weight'] });
    expect(command('sql', '0001_parcels').lines[1]).toMatch(/^CREATE TABLE "parcels"/);
    expect(command('rollback', '--to', '0007_other')).toMatchObject({ status: 1 });
    expect(command('repeat')).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('rollback [NAME|--to NAME]'),
    });
    for (const action of ['generate more', 'check'])
      expect(command(...action.split(' '))).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('needs the source'),
      });
    expect(readdirSync(folder.path).filter((name) => !name.startsWith('database'))).toEqual(['image']);
    const { commands } = JSON.parse(
      spawnSync(process.execPath, ['image/main.js', 'describe'], { cwd: folder.path, encoding: 'utf8' }).stdout,
    ) as {
      commands: object[];
    };
    expect(commands).toMatchObject([{ name: 'migration', migrations: ['0001_parcels', '0002_weight'] }]);
  });
});
