import { relative } from 'node:path';
import { misuse } from '../command/read-line.ts';
import type { Migration } from '../migration.ts';
import { review } from '../rolling-deploy/review.ts';
import { arrange, type Draft } from './arrange.ts';
import type { Development } from './develop-on.ts';
import { differenceOf } from './difference.ts';
import { namesIn } from './folder.ts';
import type { Snapshot } from './kit.ts';
import { lossesBetween } from './losses.ts';
import { showFinding } from './show-finding.ts';
import { readSnapshot } from './snapshot.ts';
import { writeIndex, writeMigration, writeSnapshot } from './write-files.ts';

const byHand: Draft = {
  suffix: '',
  sql: '-- What the models do not show, such as a change of rows.\n',
  down: undefined,
};

/** Writes the migrations that lead from the last snapshot to the models. */
export async function generate(name: string, { empty }: { empty: boolean }, development: Development): Promise<void> {
  if (!/^[a-z][a-z0-9]*([_-][a-z0-9]+)*$/.test(name)) {
    throw misuse(`\`${name}\` is no name: small letters, digits and underscores, such as \`orders_total\``);
  }
  const { models, migrations, folder, kit, print } = development;
  const names = namesIn(folder);
  const before = readSnapshot(kit, folder, { expected: names.length > 0 });
  const after = kit.generateDrizzleJson(models, before.id);
  const drafts = empty ? [byHand] : await draftsBetween(before, after, development);
  if (drafts.length === 0) {
    print('The models are as the last migration left them. `--empty` makes one that is written by hand');
    return;
  }
  const added = drafts.map(({ suffix, ...texts }, index) => nameDraft(numberAfter(names, index), name + suffix, texts));
  const written = [
    ...added.map((migration) => writeMigration(folder, migration)),
    writeIndex(folder, [...names, ...added.map((each) => each.name)]),
    writeSnapshot(folder, empty ? before : after),
  ];
  for (const file of written) print(`wrote  ${relative(process.cwd(), file)}`);
  const losses = empty ? [] : lossesBetween(before, after);
  if (losses.length > 0) print(`Nothing undoes it, since it does not keep ${losses.join(', ')}`);
  const findings = review([...migrations, ...added], development.parser);
  for (const finding of findings.filter(({ migration }) => added.some((each) => each.name === migration)))
    showFinding(finding, { folder, print });
}

async function draftsBetween(before: Snapshot, after: Snapshot, { kit, parser }: Development): Promise<Draft[]> {
  const statements = await differenceOf(kit, before, after);
  const back = lossesBetween(before, after).length === 0 ? await differenceOf(kit, after, before) : undefined;
  const tables = Object.keys(before.tables).filter((table) => table in after.tables);
  const existing = new Set(tables.map((table) => table.replace(/^public\./, '')));
  return arrange(statements, back, { parser, existing });
}

function nameDraft(number: string, name: string, { sql, down }: Omit<Draft, 'suffix'>): Migration {
  return { name: `${number}_${name.replaceAll('-', '_')}`, sql, ...(down !== undefined && { down }) };
}

function numberAfter(names: readonly string[], index: number): string {
  const last = Number.parseInt(names.at(-1) ?? '0', 10);
  return String(last + 1 + index).padStart(4, '0');
}
