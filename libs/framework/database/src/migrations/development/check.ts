import { migrationsDisagree } from '../migration-errors.ts';
import { readMigrations, type Migration } from '../migration.ts';
import { review } from '../rolling-deploy/review.ts';
import { compareTables } from './compare-tables.ts';
import type { Development } from './develop-on.ts';
import { differenceOf } from './difference.ts';
import { namesIn } from './folder.ts';
import { showFinding, type Shown } from './show-finding.ts';
import { readSnapshot } from './snapshot.ts';

/**
 * Sees that files, list, snapshot and models agree, that the migrations make the tables of the models, and that none would
 * break the version that still runs.
 *
 * @throws {ServiceError} failed_precondition, MIGRATIONS_DISAGREE, when there are findings.
 */
export async function check(development: Development): Promise<void> {
  const { migrations, folder, parser, print } = development;
  const findings: Shown[] = findMismatches(namesIn(folder), migrations);
  // What follows would only say the same in other words.
  if (findings.length === 0) findings.push(...(await compareSnapshot(development)), ...review(migrations, parser));
  if (findings.length === 0) findings.push(...(await compareTables(development)));
  for (const finding of findings) showFinding(finding, { folder, print });
  if (findings.length > 0) throw migrationsDisagree(findings.length);
  print(`The migrations make the tables of the models (${migrations.length})`);
}

/** Compares the files with the list, which a merge of two branches may have mixed up. */
function findMismatches(names: readonly string[], migrations: readonly Migration[]): Shown[] {
  const listed = migrations.map(({ name }) => name);
  const numbers = names.map((name) => Number.parseInt(name, 10));
  const findings: Shown[] = [
    ...names
      .filter((name) => !listed.includes(name))
      .map((migration) => ({
        migration,
        message: `index.ts does not list \`${migration}\`. Add it, in the order of the names`,
      })),
    ...listed
      .filter((name) => !names.includes(name))
      .map((name) => ({
        message: `index.ts lists \`${name}\`, and no file is called so. Give file and migration the same name`,
      })),
    ...names
      .filter((_, index) => numbers[index] === numbers[index - 1])
      .map((migration) => ({
        migration,
        message:
          'another one has the same number: two branches have added one each. Take snapshot.json and index.ts of the branch that was merged first, delete the migration of the other, and generate it anew',
      })),
  ];
  try {
    readMigrations(migrations);
  } catch (error) {
    findings.push({ message: (error as RangeError).message });
  }
  return findings;
}

async function compareSnapshot({ models, migrations, folder, kit }: Development): Promise<Shown[]> {
  const snapshot = readSnapshot(kit, folder, { expected: migrations.length > 0 });
  const statements = await differenceOf(kit, snapshot, kit.generateDrizzleJson(models));
  return statements.map((statement) => ({
    message: `the models ask for what no migration does: ${statement.trim()} Make one with \`migration generate NAME\``,
  }));
}
