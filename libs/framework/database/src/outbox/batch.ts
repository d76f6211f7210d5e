import { amqpBinding, decodeMessage, type CloudEvent } from '@org/payload';
import type { Run } from './link.ts';

/** A message in the outbox. */
export interface Waiting {
  readonly position: string;
  readonly kind: 'event' | 'command';
  readonly key: string | null;
  readonly event: string;
  readonly attempts: number;
  /** How long ago it was published, in milliseconds. */
  readonly age: number;
  /** Whether nothing of its key is before it that somebody else has, or that is still to come. */
  readonly ready: boolean;
}

/**
 * Takes messages from a position on for as long as the transaction runs, the oldest first; those that others have are left out.
 *
 * Of a key that waits after a failure nothing is taken. Of a key of which somebody else has an earlier one, or one that waits,
 * the later ones are not ready. Whatever is seen of a key, all that comes before it is seen too, since each of them got its
 * position after the commit of the one before.
 *
 * The conditions are written so that no statistics of a table that is empty by turns have the planner sort all of it.
 */
const takeRows = `WITH batch AS MATERIALIZED (
    SELECT position, kind, key, event, attempts, published_at FROM outbox
    WHERE position >= $2 AND coalesce(retry_at, '-infinity') <= now() AND NOT coalesce(key = ANY (ARRAY(
      SELECT key FROM outbox WHERE retry_at > now() AND retry_at < 'infinity' AND key IS NOT NULL LIMIT 1000)), false)
    ORDER BY position LIMIT $1 FOR UPDATE SKIP LOCKED
  ), keys AS MATERIALIZED (
    SELECT key, max(position) AS last, array_agg(position) AS own FROM batch WHERE key IS NOT NULL GROUP BY key
  ), firsts AS MATERIALIZED (
    SELECT key, (
      SELECT other.position FROM outbox AS other
      WHERE other.key = keys.key AND other.position < last AND coalesce(other.retry_at, '-infinity') < 'infinity' AND other.position <> ALL (own)
      ORDER BY other.position LIMIT 1
    ) AS other FROM keys
  )
  SELECT position::text AS position, kind, key, event::text AS event, attempts,
    (extract(epoch FROM clock_timestamp() - published_at) * 1000)::float8 AS age,
    other IS NULL OR position < other AS ready
  FROM batch LEFT JOIN firsts USING (key) ORDER BY batch.position`;

export async function take(run: Run, limit: number, from = 0): Promise<Waiting[]> {
  return (await run(takeRows, [limit, from], 'outbox_take')).rows as Waiting[];
}

/** What became of a message that the broker did not take. */
export interface Failed {
  readonly position: string;
  readonly error: string;
  /** When it may be tried again, in milliseconds from now; `undefined` for never. */
  readonly pauseMs: number | undefined;
}

const deleteRows = 'DELETE FROM outbox WHERE position = ANY($1::bigint[])';
const markRows = `UPDATE outbox SET attempts = attempts + 1, last_error = f.error,
    retry_at = coalesce(clock_timestamp() + f.pause * interval '1 millisecond', 'infinity')
  FROM unnest($1::bigint[], $2::text[], $3::float8[]) AS f(position, error, pause) WHERE outbox.position = f.position`;

/** Removes what the broker has, and marks what it does not have, unless it had no time. */
export async function settle(
  run: Run,
  { delivered, failed }: { readonly delivered: readonly Waiting[]; readonly failed: readonly Failed[] },
  abandoned: AbortSignal,
): Promise<void> {
  if (delivered.length > 0) await run(deleteRows, [delivered.map(({ position }) => position)], 'outbox_delete');
  if (failed.length === 0 || abandoned.aborted) return;
  const columns = [failed.map((each) => each.position), failed.map((each) => each.error)];
  await run(markRows, [...columns, failed.map(({ pauseMs }) => pauseMs ?? null)]);
}

const headers = { 'content-type': 'application/cloudevents+json' };

/** @throws {ServiceError} invalid_argument, when somebody else has written what is no event. */
export function eventOf({ event }: Waiting): CloudEvent {
  return decodeMessage({ headers, body: Buffer.from(event) }, amqpBinding, { maximumBytes: Number.MAX_SAFE_INTEGER });
}
