import type { Ask } from './postgres-template.ts';

/** After what time a database that nobody uses was left behind, in milliseconds. */
const leftBehindMs = 3_600_000;
/** How many templates there are at most. */
const mostTemplates = 8;

/**
 * The name of a database: `test_copy_<time>_<word>`, with the milliseconds of its making to the base of 36, so that whoever
 * finds it knows its age.
 */
export function nameOf(kind: 'copy' | 'template', word = crypto.randomUUID().slice(-12)): string {
  return `test_${kind}_${Date.now().toString(36)}_${word}`;
}

/** Deletes the copies that nobody has used for long. */
export async function removeLeftOvers(ask: Ask): Promise<void> {
  const copies = await ask<{ datname: string }>(
    `SELECT datname FROM pg_database WHERE datname ~ '^test_copy_[0-9a-z]+_[0-9a-f]+$'
      AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE pg_stat_activity.datname = pg_database.datname)`,
  );
  const old = copies.filter(({ datname }) => timeOf(datname) < Date.now() - leftBehindMs);
  await remove(ask, old);
}

/** Makes room for one more template. */
export async function removeTemplates(ask: Ask): Promise<void> {
  const templates = await ask<{ datname: string }>(
    "SELECT datname FROM pg_database WHERE datname ~ '^test_template_[0-9a-z]+_[0-9a-f]+$'",
  );
  const newestFirst = templates.toSorted((one, other) => timeOf(other.datname) - timeOf(one.datname));
  await remove(ask, newestFirst.slice(mostTemplates - 1));
}

async function remove(ask: Ask, databases: readonly { datname: string }[]): Promise<void> {
  // Somebody else may be deleting it, or have begun to use it.
  for (const { datname } of databases) await ask(`DROP DATABASE IF EXISTS ${datname}`).catch(() => {});
}

const timeOf = (name: string) => Number.parseInt(name.split('_')[2] ?? '', 36);
