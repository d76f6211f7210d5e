import type { Command, CommandContext } from '@org/runtime';
import type { Models } from '../../orm.ts';
import type { DatabaseSettings } from '../../settings.ts';
import { readMigrations, type Migration } from '../migration.ts';
import { printSql } from './print-sql.ts';
import { readLine, usage } from './read-line.ts';
import { runOnDatabase } from './run-on-database.ts';

export interface MigrationCommandOptions {
  /** As `openDatabase` is given them. */
  readonly models: Models;
  readonly migrations: readonly Migration[];
  /** Where their files are, for `generate` and `check`. Default: `migrations` in the package of the TypeScript file that runs. */
  readonly folder?: string;
}

/**
 * The sub-command `migration`: makes migrations from the models, applies and undoes them, and says where the database stands.
 * `generate` and `check` open no database, and need the source.
 */
export function migration({ models, migrations, folder }: MigrationCommandOptions): Command<{
  readonly database: DatabaseSettings;
}> {
  return {
    name: 'migration',
    summary: 'Makes, applies, undoes and checks the migrations of the database.',
    usage,
    describe: () => ({ migrations: migrations.map(({ name }) => name) }),
    async run({ arguments: line, settings, start, print }: CommandContext<{ readonly database: DatabaseSettings }>) {
      const asked = readLine(line);
      const { action, name, down = false } = asked;
      switch (action) {
        case 'generate':
        case 'check': {
          // What is for development alone is loaded by whoever asks for it.
          const { developOn } = await import('../development/develop-on.ts');
          return developOn(asked, { models, migrations, folder, print });
        }
        case 'sql':
          return printSql(migrations, { name, down, print });
        default:
          return runOnDatabase(asked, { steps: readMigrations(migrations), settings: settings.database, start, print });
      }
    },
  };
}
