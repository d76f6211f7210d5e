import { migrationsDisagree } from '../migration-errors.ts';
import type { Development } from './develop-on.ts';
import { differenceOf } from './difference.ts';
import { namesIn } from './folder.ts';
import { readSnapshot } from './snapshot.ts';

/** Sees that models and migrations agree. */
export async function check({ models, migrations, folder, kit, print }: Development): Promise<void> {
  const names = namesIn(folder);
  const findings: string[] = [];
  const listed = migrations.map(({ name }) => name);
  for (const name of names.filter((each) => !listed.includes(each)))
    findings.push(`${name}.ts is not in index.ts. Add it, in the order of the names`);
  for (const name of listed.filter((each) => !names.includes(each)))
    findings.push(`\`${name}\` has no file of its name. Call file and migration the same`);
  const before = readSnapshot(kit, folder, { expected: names.length > 0 });
  const after = kit.generateDrizzleJson(models, before.id);
  for (const statement of await differenceOf(kit, before, after))
    findings.push(`the models ask for what no migration has: ${statement.trim()}`);
  for (const finding of findings) print(finding);
  if (findings.length > 0) throw migrationsDisagree(findings.length);
  print(`${names.length} migrations, and the models agree with them`);
}
