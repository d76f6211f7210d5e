import { relative } from 'node:path';
import { misuse } from '../command/read-line.ts';
import type { Development } from './develop-on.ts';
import { differenceOf } from './difference.ts';
import { namesIn } from './folder.ts';
import { readSnapshot } from './snapshot.ts';
import { writeIndex, writeMigration, writeSnapshot } from './write-files.ts';

const emptyText = '-- What the models do not show, such as a change of rows.\n';

/** Writes the migration that leads from the last snapshot to the models. */
export async function generate(
  name: string,
  { empty }: { empty: boolean },
  { models, folder, kit, print }: Development,
): Promise<void> {
  if (!/^[a-z][a-z0-9]*([_-][a-z0-9]+)*$/.test(name)) {
    throw misuse(`\`${name}\` is no name: letters, digits and underscores, such as \`orders_total\``);
  }
  const names = namesIn(folder);
  const before = readSnapshot(kit, folder, { expected: names.length > 0 });
  const after = kit.generateDrizzleJson(models, before.id);
  const statements = await differenceOf(kit, before, after);
  if (statements.length === 0 && !empty) {
    print('The models are as the last migration left them. `--empty` makes one to write by hand');
    return;
  }
  const added = `${numberAfter(names)}_${name.replaceAll('-', '_')}`;
  const sql = statements.length === 0 ? emptyText : `${statements.map((each) => each.trim()).join('\n')}\n`;
  const written = [
    writeMigration(folder, { name: added, sql }),
    writeIndex(folder, [...names, added]),
    writeSnapshot(folder, statements.length === 0 ? before : after),
  ];
  for (const file of written) print(`wrote  ${relative(process.cwd(), file)}`);
}

function numberAfter(names: readonly string[]): string {
  const last = Math.max(0, ...names.map((name) => Number.parseInt(name, 10) || 0));
  return String(last + 1).padStart(4, '0');
}
