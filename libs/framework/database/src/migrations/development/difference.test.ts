import { Secret } from '@org/config';
import { collectLogger } from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomModels } from '../../../test-fixtures/random-models.ts';
import type { Driver } from '../../driver.ts';
import { openPglite } from '../../pglite/open-pglite.ts';
import { readMigrations, type Step } from '../migration.ts';
import { createTable } from '../record.ts';
import { loadParser } from '../rolling-deploy/parse.ts';
import { applyStep, undoStep } from '../run-step.ts';
import { withSession, type Session } from '../session.ts';
import { arrange } from './arrange.ts';
import { differenceOf } from './difference.ts';
import { loadKit, type Snapshot } from './kit.ts';
import { lossesBetween } from './losses.ts';
import { readParts } from './read-parts.ts';

const kit = await loadKit('generate');
const parser = await loadParser('generate');
const snapshotOf = (seed: number) => kit.generateDrizzleJson(randomModels(seed));
const seeds = Array.from({ length: 40 }, (_, index) => index);
/** Pairs of which the second keeps all that the first has; they are rare. */
const keeping = Array.from({ length: 400 }, (_, index) => index + 1_000)
  .filter((seed) => lossesBetween(snapshotOf(seed), snapshotOf(seed + 10_000)).length === 0)
  .slice(0, 15);

describe('the way from some models to others', { timeout: 60_000 }, () => {
  let driver: Driver;
  beforeAll(async () => {
    driver = await openPglite({ url: new Secret('pglite:memory') }, { logger: collectLogger() });
  }, 60_000);
  afterAll(() => driver[Symbol.asyncDispose]());

  const inEmptyDatabase = (work: (session: Session) => Promise<void>) =>
    withSession(driver, async (session) => {
      await send(session, 'DROP SCHEMA IF EXISTS public, sales CASCADE; CREATE SCHEMA public');
      await send(session, createTable);
      await work(session);
    });
  const send = (session: Session, text: string) => session.send({ text, values: [], script: true }, text, 'alone');
  const make = async (session: Session, models: Snapshot) => {
    for (const text of await differenceOf(kit, kit.generateDrizzleJson({}), models)) await send(session, text);
  };
  const stepsBetween = async (from: Snapshot, to: Snapshot): Promise<Step[]> => {
    const keeps = lossesBetween(from, to).length === 0;
    const tables = Object.keys(from.tables).filter((table) => table in to.tables);
    const existing = new Set(tables.map((table) => table.replace(/^public\./, '')));
    const back = keeps ? await differenceOf(kit, to, from) : undefined;
    const drafts = arrange(await differenceOf(kit, from, to), back, { parser, existing });
    return readMigrations(
      drafts.map(({ sql, down }, index) => ({ name: `${index}`, sql, ...(down !== undefined && { down }) })),
    );
  };

  test.each(seeds)('leads to what the others make by themselves (%i)', async (seed) => {
    const [from, to] = [snapshotOf(seed), snapshotOf(seed + 10_000)];
    const tables = Object.keys({ ...from.tables, ...to.tables });
    let wanted: unknown;
    await inEmptyDatabase(async (session) => {
      await make(session, to);
      wanted = await readParts(session, tables);
    });
    await inEmptyDatabase(async (session) => {
      await make(session, from);
      for (const step of await stepsBetween(from, to)) await applyStep(session, step);
      expect(await readParts(session, tables)).toEqual(wanted);
    });
  });

  test.each(keeping)('leads back again where nothing was lost (%i)', async (seed) => {
    const [from, to] = [snapshotOf(seed), snapshotOf(seed + 10_000)];
    const tables = Object.keys({ ...from.tables, ...to.tables });
    await inEmptyDatabase(async (session) => {
      await make(session, from);
      const before = await readParts(session, tables);
      const steps = await stepsBetween(from, to);
      for (const step of steps) await applyStep(session, step);
      for (const { name, down } of steps.toReversed()) await undoStep(session, name, down!);
      expect(await readParts(session, tables)).toEqual(before);
    });
  });

  test('is found to lead back often enough to be tried', () => {
    expect(keeping).toHaveLength(15);
  });

  test('is none from models to the same', async () => {
    for (const seed of seeds) expect(await differenceOf(kit, snapshotOf(seed), snapshotOf(seed))).toEqual([]);
  });
});
