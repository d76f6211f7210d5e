import { describe, expect, test } from 'vitest';
import type { Migration } from '../migration.ts';
import { loadParser } from './parse.ts';
import { review } from './review.ts';
import type { rules } from './rules.ts';

const parser = await loadParser('check');
const first: Migration = {
  name: '0001_first',
  sql: `CREATE TABLE orders (id integer CONSTRAINT orders_key PRIMARY KEY, total integer CONSTRAINT positive CHECK (total > 0),
    customer integer CONSTRAINT orders_customer REFERENCES customers, CONSTRAINT once UNIQUE (total))`,
};
const rulesOf = (...texts: string[]) => {
  const migrations = texts.map((sql, index) => ({ name: `000${index + 2}_next`, sql }));
  return review([first, ...migrations], parser).map(({ rule }) => rule);
};
const alone = (text: string) => `-- no-transaction\n${text}`;

/** What each rule is about, one statement a line. */
const risky: Record<keyof typeof rules, string[]> = {
  'drop-table': [
    'DROP TABLE orders',
    'DROP TABLE IF EXISTS sales.other CASCADE',
    'DROP VIEW v',
    'DROP MATERIALIZED VIEW v',
  ],
  'drop-column': [
    'ALTER TABLE orders DROP COLUMN total',
    'ALTER TABLE IF EXISTS ONLY orders DROP IF EXISTS total CASCADE',
  ],
  'drop-object': [
    'DROP TYPE mood',
    'DROP SEQUENCE s',
    'DROP SCHEMA sales CASCADE',
    'DROP FUNCTION f(integer)',
    'DROP TRIGGER t ON orders',
  ],
  'drop-constraint': ['ALTER TABLE orders DROP CONSTRAINT once', 'ALTER TABLE orders DROP CONSTRAINT never_seen'],
  'rename-table': [
    'ALTER TABLE orders RENAME TO purchases',
    'ALTER TABLE orders SET SCHEMA sales',
    'ALTER TYPE mood RENAME TO temper',
    'ALTER SCHEMA sales RENAME TO trade',
  ],
  'rename-column': [
    'ALTER TABLE orders RENAME COLUMN total TO amount',
    'ALTER TABLE orders RENAME total TO amount',
    "ALTER TYPE mood RENAME VALUE 'low' TO 'down'",
  ],
  'add-not-null-column': [
    'ALTER TABLE orders ADD COLUMN paid boolean NOT NULL',
    'ALTER TABLE orders ADD paid boolean NOT NULL DEFAULT NULL',
    'ALTER TABLE orders ADD paid boolean NOT NULL DEFAULT NULL::boolean',
  ],
  'set-not-null': [
    'ALTER TABLE orders ALTER COLUMN total SET NOT NULL',
    'ALTER TABLE orders ADD CONSTRAINT n NOT NULL total',
  ],
  'change-type': [
    'ALTER TABLE orders ALTER COLUMN total TYPE bigint',
    'ALTER TABLE orders ALTER total SET DATA TYPE text USING total::text',
  ],
  'rewriting-column': [
    'ALTER TABLE orders ADD COLUMN key uuid DEFAULT gen_random_uuid()',
    'ALTER TABLE orders ADD COLUMN key uuid NOT NULL DEFAULT (gen_random_uuid())',
    "ALTER TABLE orders ADD COLUMN at timestamptz DEFAULT now() + random() * interval '1 day'",
    'ALTER TABLE orders ADD COLUMN number bigserial',
    'ALTER TABLE orders ADD COLUMN number integer GENERATED ALWAYS AS IDENTITY',
    'ALTER TABLE orders ADD COLUMN double integer GENERATED ALWAYS AS (total * 2) STORED',
    'ALTER TABLE orders ADD COLUMN one integer DEFAULT CASE WHEN true THEN 1 END',
  ],
  'index-without-concurrently': [
    'CREATE INDEX by_total ON orders (total)',
    'CREATE UNIQUE INDEX ON sales.other USING btree (id)',
  ],
  'drop-index-without-concurrently': ['DROP INDEX by_total', 'DROP INDEX IF EXISTS sales.by_total, other'],
  'concurrently-in-transaction': [
    'CREATE INDEX CONCURRENTLY by_total ON orders (total)',
    'DROP INDEX CONCURRENTLY IF EXISTS by_total',
    alone('DROP INDEX CONCURRENTLY IF EXISTS by_total; SELECT 1'),
    'REINDEX TABLE CONCURRENTLY orders',
  ],
  'not-repeatable': [
    alone('CREATE INDEX CONCURRENTLY by_total ON orders (total)'),
    alone('CREATE INDEX CONCURRENTLY IF NOT EXISTS by_total ON orders (total)'),
    alone(
      'DROP INDEX CONCURRENTLY by_total;\n--> statement-breakpoint\nCREATE INDEX CONCURRENTLY by_total ON orders (total)',
    ),
  ],
  'add-foreign-key': [
    'ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (total) REFERENCES other (id)',
    'ALTER TABLE orders ADD COLUMN other integer REFERENCES other',
  ],
  'add-check': [
    'ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 1)',
    'ALTER TABLE orders ADD COLUMN more integer CHECK (more > 1)',
  ],
  'add-unique': [
    'ALTER TABLE orders ADD CONSTRAINT u UNIQUE (total)',
    'ALTER TABLE orders ADD PRIMARY KEY (id)',
    'ALTER TABLE orders ADD code text UNIQUE',
  ],
  'add-exclusion': ['ALTER TABLE orders ADD CONSTRAINT e EXCLUDE USING gist (during WITH &&)'],
  'validate-in-same-transaction': [
    'ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 1) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT c',
  ],
  'rewrite-table': [
    alone('VACUUM FULL orders'),
    'CLUSTER orders',
    'REINDEX TABLE orders',
    'REFRESH MATERIALIZED VIEW v',
  ],
  'lock-table': ['LOCK TABLE orders', 'LOCK orders IN SHARE MODE'],
  'change-all-rows': [
    'UPDATE orders SET total = 1',
    'DELETE FROM orders',
    'TRUNCATE orders',
    'WITH gone AS (DELETE FROM orders RETURNING *) SELECT count(*) FROM gone',
    'INSERT INTO other WITH gone AS (DELETE FROM orders RETURNING id) SELECT id FROM gone',
    'MERGE INTO orders USING other ON other.id = orders.id WHEN MATCHED THEN DELETE',
  ],
  revoke: ['REVOKE ALL ON orders FROM reader', 'REVOKE reader FROM writer'],
  unknown: [
    "DO $$ BEGIN EXECUTE 'DROP TABLE orders'; END $$",
    'SELECT drop_everything()',
    'CALL drop_everything()',
    'ALTER TABLE orders ENABLE ROW LEVEL SECURITY',
    'ALTER TABLE orders DISABLE TRIGGER ALL',
    'ALTER TABLE orders ATTACH PARTITION other DEFAULT',
    'ALTER TABLE orders ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY',
    'ALTER DOMAIN code ADD CONSTRAINT c CHECK (VALUE > 0)',
    'DROP OWNED BY reader',
    'ALTER ROLE reader NOLOGIN',
  ],
};

describe.each(Object.entries(risky))('the rule %s', (rule, texts) => {
  test.each(texts)('finds %s', (text) => {
    expect(rulesOf(text)).toContain(rule);
  });

  test.each(texts)('may be waived for %s', (text) => {
    const found = [...new Set(rulesOf(text))];
    const waivers = found.map((each) => `-- allow ${each}: it is small`).join('\n');
    // Above each statement that has risks; in these texts that is the last one.
    const start = Math.max(
      text.indexOf('-- no-transaction\n'),
      text.lastIndexOf('--> statement-breakpoint\n'),
      text.lastIndexOf('; ALTER'),
    );
    const place = start === -1 ? 0 : text.startsWith(';', start) ? start + 1 : text.indexOf('\n', start) + 1;
    expect(rulesOf(`${text.slice(0, place)}\n${waivers}\n${text.slice(place)}`)).toEqual([]);
  });
});

test.each([
  'CREATE TABLE other (id serial PRIMARY KEY, order_id integer REFERENCES orders); CREATE INDEX ON other (order_id); ALTER TABLE other DROP COLUMN id',
  'CREATE TABLE other (id integer); ALTER TABLE other RENAME TO others; ALTER TABLE others ALTER id SET NOT NULL; DELETE FROM others',
  'CREATE TABLE sales.other AS SELECT 1 AS id; CREATE UNIQUE INDEX ON sales.other (id)',
  'ALTER TABLE orders ADD COLUMN note text',
  "ALTER TABLE orders ADD COLUMN note text NOT NULL DEFAULT 'none'",
  'ALTER TABLE orders ADD COLUMN at timestamptz NOT NULL DEFAULT now()',
  'ALTER TABLE orders ADD COLUMN at date DEFAULT CURRENT_DATE, ADD tags text[] NOT NULL DEFAULT ARRAY[]::text[]',
  "ALTER TABLE orders ADD COLUMN extra jsonb NOT NULL DEFAULT '{}'::jsonb",
  'ALTER TABLE orders ADD COLUMN double integer GENERATED ALWAYS AS (total * 2) VIRTUAL',
  'ALTER TABLE orders ALTER COLUMN total SET DEFAULT 4, ALTER COLUMN total DROP NOT NULL, ALTER COLUMN total DROP DEFAULT',
  'ALTER TABLE orders DROP CONSTRAINT positive, DROP CONSTRAINT orders_customer',
  'ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (total) REFERENCES other NOT VALID, ADD CONSTRAINT c CHECK (total > 1) NOT VALID',
  'ALTER TABLE orders ADD CONSTRAINT u UNIQUE USING INDEX by_total',
  'ALTER TABLE orders RENAME CONSTRAINT positive TO above_zero; ALTER INDEX by_total RENAME TO totals',
  alone(
    'DROP INDEX CONCURRENTLY IF EXISTS by_total;\n--> statement-breakpoint\nCREATE INDEX CONCURRENTLY by_total ON orders (total);\n',
  ),
  "CREATE TYPE mood AS ENUM ('low'); ALTER TYPE mood ADD VALUE 'high'; CREATE SCHEMA sales; CREATE EXTENSION pg_trgm",
  'UPDATE orders SET total = 1 WHERE total IS NULL; DELETE FROM orders WHERE id < 4; INSERT INTO orders SELECT 1; INSERT INTO orders DEFAULT VALUES',
  "SELECT setval('s', 4); SELECT set_config('lock_timeout', '1s', true); SET lock_timeout = '1s'; SELECT max(id) FROM orders",
  'GRANT SELECT ON orders TO reader; COMMENT ON TABLE orders IS $$ DROP TABLE orders $$; CREATE VIEW v AS SELECT 1',
  "INSERT INTO orders VALUES ('; DROP TABLE orders'); -- DROP TABLE orders",
  'SAVEPOINT a; ROLLBACK TO a',
  'VACUUM orders; ANALYZE orders',
])('what breaks and locks nothing is fine: %s', (text) => {
  expect(rulesOf(text)).toEqual([]);
});

test('a column is made NOT NULL in three steps, each in a migration of its own', () => {
  const add = 'ALTER TABLE orders ADD CONSTRAINT has_total CHECK (total IS NOT NULL) NOT VALID';
  const validate = 'ALTER TABLE orders VALIDATE CONSTRAINT has_total';
  const set = 'ALTER TABLE orders ALTER COLUMN total SET NOT NULL; ALTER TABLE orders DROP CONSTRAINT has_total';
  expect(rulesOf(add, validate, set)).toEqual([]);
  expect(rulesOf(add, set)).toEqual(['set-not-null']);
  expect(rulesOf(add, validate, set.replaceAll('total', 'customer'))).toContain('set-not-null');
  expect(rulesOf(add, validate, 'ALTER TABLE other ALTER COLUMN total SET NOT NULL')).toEqual(['set-not-null']);
});

test('a constraint may be validated in the same migration where that is no transaction', () => {
  const add = 'ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 1) NOT VALID;';
  const validate = 'ALTER TABLE orders VALIDATE CONSTRAINT c';
  expect(rulesOf(alone(`${add}\n--> statement-breakpoint\n${validate}`))).toEqual([]);
});

test('a table that may have been there already is taken for one with rows', () => {
  expect(rulesOf('CREATE TABLE IF NOT EXISTS other (id integer); CREATE INDEX ON other (id)')).toEqual([
    'index-without-concurrently',
  ]);
});

test('a table of an earlier migration has rows', () => {
  expect(rulesOf('CREATE TABLE other (id integer)', 'CREATE INDEX ON other (id)')).toEqual([
    'index-without-concurrently',
  ]);
});

describe('a waiver', () => {
  const drop = 'ALTER TABLE orders DROP COLUMN total';

  test.each([
    ['above the statement', `-- allow drop-column: nobody reads it\n${drop}`],
    ['with more between them', `-- allow drop-column: nobody reads it\n-- since 1.4\n${drop};`],
    ['inside of it', `ALTER TABLE orders\n  -- allow drop-column: nobody reads it\n  DROP COLUMN total`],
    [
      'behind texts of more than one byte',
      `INSERT INTO orders VALUES ('äöü€');\n-- allow drop-column: nobody reads it\n${drop}`,
    ],
  ])('counts %s', (_, text) => {
    expect(rulesOf(text)).toEqual([]);
  });

  test.each([
    ['without a reason', `-- allow drop-column:\n${drop}`, 'without a reason'],
    ['without a colon and a reason', `-- allow drop-column\n${drop}`, 'without a reason'],
    ['of a rule that there is not', `-- allow everything: it is fine\n${drop}`, 'which is no rule'],
    ['of another rule', `-- allow drop-table: it is fine\n${drop}`, 'needs none'],
    ['of another statement', `-- allow drop-column: it is fine\nSELECT 1;\n${drop}`, 'needs none'],
    ['below the statement', `${drop};\n-- allow drop-column: it is fine`, 'needs none'],
    ['in a text', `INSERT INTO orders VALUES ('\n-- allow drop-column: it is fine\n');\n${drop}`, undefined],
  ])('%s is none', (_, text, message) => {
    const findings = review([first, { name: '0002_next', sql: text }], parser);
    expect(findings.map(({ rule }) => rule)).toEqual(['drop-column', ...(message === undefined ? [] : ['waiver'])]);
    if (message !== undefined) expect(findings[1]?.message).toContain(message);
  });

  test('that nothing needs is found', () => {
    expect(rulesOf('-- allow drop-column: it is fine\nSELECT 1')).toEqual(['waiver']);
  });

  test('stands for its own statement alone', () => {
    expect(rulesOf(`-- allow drop-column: it is fine\n${drop};\n${drop}`)).toEqual(['drop-column']);
  });
});

test.each([
  ['sql', { sql: 'CREATE TABEL x ()' }],
  ['down', { sql: 'SELECT 1', down: 'DROP TABEL x' }],
])('a `%s` that PostgreSQL cannot read is found, and where', (_, texts) => {
  const [finding] = review([{ name: '0001_odd', ...texts }], parser);
  expect(finding).toMatchObject({ migration: '0001_odd', rule: 'syntax', text: expect.stringMatching(/^TABEL x/) });
  expect(finding?.message).toContain('syntax error at or near "TABEL"');
});
