import { ServiceError } from '@org/errors';
import type { OpsHandler, OpsRequest } from '@org/runtime';
import type { DatabaseCore } from '../core.ts';
import { readBacklog } from './observe-outbox.ts';

const mostListed = 1_000;

const list = `SELECT position::text AS position, kind, key, event->>'type' AS type, event->>'id' AS id, attempts,
    published_at AS "publishedAt", nullif(retry_at, 'infinity') AS "retryAt", retry_at = 'infinity' AS "setAside",
    last_error AS error
  FROM outbox WHERE retry_at IS NOT NULL ORDER BY position LIMIT $1`;
const retry = 'UPDATE outbox SET retry_at = NULL WHERE position = $1 AND retry_at IS NOT NULL';
const remove = 'DELETE FROM outbox WHERE position = $1 AND retry_at IS NOT NULL';

/** What the broker did not take, on the ops port. */
export function outboxOps({ background }: DatabaseCore, ring: () => void): readonly OpsHandler[] {
  const act = async (text: string, { parameters: { position } }: OpsRequest) => {
    const known = /^\d{1,18}$/.test(position ?? '');
    const count = known ? (await background({ text, values: [position] })).rowCount : 0;
    if (count !== 0) return count;
    const message = `The outbox has no message at \`${position}\` that was not taken. GET /outbox lists those that there are`;
    throw new ServiceError('not_found', message, { reason: 'OUTBOX_MESSAGE_UNKNOWN' });
  };
  return [
    {
      method: 'GET',
      path: '/outbox',
      summary: 'Shows how much waits in the outbox, and lists what the broker did not take; ?limit=.',
      async handle({ query }) {
        const limit = readLimit(query.get('limit') ?? '100');
        const { rows } = await background({ text: list, values: [limit] });
        return { body: { ...(await readBacklog({ background })), items: rows } };
      },
    },
    {
      method: 'POST',
      path: '/outbox/:position/retry',
      summary: 'Tries a message again that the broker did not take.',
      async handle(request) {
        const retried = await act(retry, request);
        ring();
        return { body: { retried } };
      },
    },
    {
      method: 'DELETE',
      path: '/outbox/:position',
      summary: 'Deletes a message that the broker did not take, for good: nobody will hear of it.',
      async handle(request) {
        const deleted = await act(remove, request);
        ring();
        return { body: { deleted } };
      },
    },
  ];
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostListed) return limit;
  throw new ServiceError(
    'invalid_argument',
    `Cannot list the outbox: \`limit\` is no whole number from 1 to ${mostListed}`,
  );
}
