import type { Migration } from '../migration.ts';
import { named } from './choose.ts';

interface Options {
  readonly name: string | undefined;
  /** What undoes them, the last one first. */
  readonly down: boolean;
  readonly print: (line: string) => void;
}

/** Prints the text of one migration or of all, as `psql` takes it. */
export function printSql(migrations: readonly Migration[], { name, down, print }: Options): void {
  const chosen = name === undefined ? migrations : [named(migrations, name)];
  for (const migration of down ? chosen.toReversed() : chosen) {
    print(`-- ${migration.name}${down ? ', undone' : ''}`);
    print((down ? (migration.down ?? '-- Nothing undoes it.') : migration.sql).trim());
  }
}
