import type { Link } from './link.ts';
import { settledOr } from './until.ts';

/** Waits until the server has what was sent over the connection in force, for a second at most. */
export async function flush(link: Link): Promise<void> {
  const connection = link.current();
  if (connection) await settledOr(AbortSignal.timeout(1_000), connection.flush());
}
