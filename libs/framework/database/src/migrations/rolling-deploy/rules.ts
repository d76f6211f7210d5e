/** What a rule is about: what would break or wait, and the way that does neither. */
interface Rule {
  readonly why: string;
  readonly instead: string;
}

const scans = 'all its rows are read while nobody can write to it';
const rewrites = 'all its rows are written anew while nobody can read or write';
const later = 'in the release after this one, when no version that knows it runs any more';
const notValid =
  'Add it with NOT VALID, and in a migration of its own: VALIDATE CONSTRAINT, during which others read and write';
const byHand = (statement: string) =>
  `In this release take it out of the models, and this statement out of the migration. ${capital(later)}, make a migration with \`generate NAME --empty\`, and ${statement} there`;

/**
 * What a statement may do to the version that still runs while the next one is deployed, or to a large table.
 *
 * @see https://www.postgresql.org/docs/18/sql-altertable.html (Notes)
 * @see https://www.postgresql.org/docs/18/explicit-locking.html#LOCKING-TABLES
 */
export const rules = {
  'drop-table': {
    why: 'the version that still runs asks for it',
    instead: byHand('drop it'),
  },
  'drop-column': {
    why: 'the version that still runs names it in what it reads and writes',
    instead: `${byHand('drop it')}. Until then a column that is NOT NULL without a default needs ALTER COLUMN … DROP NOT NULL, since the new version does not write it`,
  },
  'drop-object': {
    why: 'the version that still runs may need it',
    instead: `Drop it ${later}`,
  },
  'drop-constraint': {
    why: 'ON CONFLICT of the version that still runs may lean on it, if it is unique; nothing here says what kind it is',
    instead: `Drop a unique one ${later}; another one may go at once`,
  },
  'rename-table': {
    why: 'the version that still runs asks for it by its old name',
    instead: `Keep the name, and give the model another one: pgTable('old_name', …). Or make a table of the new name, write to both, copy the rows, and drop the old one ${later}`,
  },
  'rename-column': {
    why: 'the version that still runs asks for it by its old name',
    instead: `Keep the name, and give the model's key another one: newName: text('old_name'). Or add a column of the new name, write to both, copy the values, read the new one, and drop the old one ${later}`,
  },
  'add-not-null-column': {
    why: 'the version that still runs adds rows without it, and rows that are there have no value',
    instead:
      'Give it a constant default. Or add it without NOT NULL, write it, fill it in batches, and in the release after this one set NOT NULL as `set-not-null` says',
  },
  'set-not-null': {
    why: `the version that still runs may write none, and ${scans}`,
    instead:
      'When every version that runs writes it: ADD CONSTRAINT c CHECK (column IS NOT NULL) NOT VALID; in a migration of its own VALIDATE CONSTRAINT c; then SET NOT NULL, which reads no rows, and DROP CONSTRAINT c',
  },
  'change-type': {
    why: `${rewrites}, and the version that still runs reads and writes the old type`,
    instead: `Add a column of the new type, write to both, copy the values in batches, read the new one, and drop the old one ${later}. From varchar to text, or to a longer varchar, nothing is written: waive it`,
  },
  'rewriting-column': {
    why: `its value differs from row to row, so that ${rewrites}`,
    instead:
      'Add it without a default, then ALTER COLUMN … SET DEFAULT, which holds for new rows alone, and fill the others in batches',
  },
  'index-without-concurrently': {
    why: 'nobody can write to the table until it is made',
    instead:
      'CREATE INDEX CONCURRENTLY, in a migration that begins with `-- no-transaction`; `generate` writes it so when the index is in the models',
  },
  'drop-index-without-concurrently': {
    why: 'it waits for all that use the table, and whoever comes after waits for it',
    instead: 'DROP INDEX CONCURRENTLY IF EXISTS, in a migration that begins with `-- no-transaction`',
  },
  'concurrently-in-transaction': {
    why: 'PostgreSQL refuses it inside of a transaction, which several statements that are sent at once are too',
    instead:
      'Put it into a migration that begins with `-- no-transaction`, and `--> statement-breakpoint` before and after it',
  },
  'not-repeatable': {
    why: 'when it fails it leaves an index behind that is not valid, and the next start, which runs it again, fails at that',
    instead: 'Put DROP INDEX CONCURRENTLY IF EXISTS of the same name before it',
  },
  'add-foreign-key': {
    why: `${scans}, nor to the table that it refers to`,
    instead: notValid,
  },
  'add-check': {
    why: scans,
    instead: notValid,
  },
  'add-unique': {
    why: 'nobody can write to the table until its index is made',
    instead:
      'CREATE UNIQUE INDEX CONCURRENTLY in a migration that begins with `-- no-transaction`, then ADD CONSTRAINT … UNIQUE (or PRIMARY KEY) USING INDEX. Where the model has `uniqueIndex()` in place of `unique()`, `generate` writes it so',
  },
  'add-exclusion': {
    why: 'nobody can write to the table until its index is made, and there is no other way',
    instead: 'Do it while nobody uses the table, or while it is small, and waive it',
  },
  'validate-in-same-transaction': {
    why: 'the lock that added the constraint is held until it has read all rows',
    instead: 'Put VALIDATE CONSTRAINT into a migration of its own',
  },
  'rewrite-table': {
    why: `${rewrites}`,
    instead: 'Do it while nobody uses the table, outside of migrations; REINDEX and REFRESH have CONCURRENTLY',
  },
  'lock-table': {
    why: 'whoever uses the table waits until the migration is over',
    instead: 'Do without it: migrations run one at a time',
  },
  'change-all-rows': {
    why: 'each row is locked until the migration is over, and each is written anew',
    instead:
      'Change them in batches, outside of migrations, or only those that need it (WHERE). Of a table that stays small: waive it',
  },
  revoke: {
    why: 'the version that still runs may need it',
    instead: `Take it back ${later}`,
  },
  unknown: {
    why: 'nobody has said whether the version that still runs, or a large table, bears it',
    instead: 'See what it locks and breaks, and waive it with what you have found',
  },
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;

export function isRule(name: string): name is RuleName {
  return Object.hasOwn(rules, name);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
