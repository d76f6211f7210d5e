import type { Session } from './session.ts';

/** A migration that the database has. */
export interface Applied {
  readonly name: string;
  readonly checksum: string;
  readonly appliedAt: Date;
  readonly durationMs: number;
}

/** Where the database keeps what was applied. */
export const createTable = `CREATE TABLE IF NOT EXISTS applied_migrations (
  name text PRIMARY KEY,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  duration_ms integer NOT NULL
)`;

/** What was applied, in the order of the names. */
export async function readApplied(session: Session): Promise<Applied[]> {
  const [table] = await session.run(`SELECT to_regclass('applied_migrations') IS NOT NULL AS there`);
  if (!table?.there) return [];
  const rows = await session.run(
    'SELECT name, checksum, applied_at AS "appliedAt", duration_ms AS "durationMs" FROM applied_migrations',
  );
  // The database may order texts otherwise.
  return (rows as unknown as Applied[]).sort((one, other) => (one.name < other.name ? -1 : 1));
}
