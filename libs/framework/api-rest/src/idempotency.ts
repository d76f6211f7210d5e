import { hash } from 'node:crypto';
import type { Operation } from '@org/contract';
import { ServiceError } from '@org/errors';
import type { RestExchange } from './exchange.ts';
import { broken } from './outgoing.ts';
import { refuse } from './refusal.ts';
import type { Prepared } from './send.ts';

/**
 * Remembers what was answered, so that a request that is sent again gets the same answer and is not done again.
 * One that keeps its marks in the database does the work and the mark in one transaction.
 */
export interface IdempotencyStore {
  /**
   * Runs the work unless it was run with this key before; then gives the result of that time. When the work fails, the
   * key is free again. The result is plain JSON.
   *
   * @throws {ServiceError} invalid_argument, IDEMPOTENCY_KEY_REUSED, when the key came with another fingerprint;
   *   aborted, IDEMPOTENCY_KEY_IN_USE, while the work of that key is still running.
   */
  run<Result>(
    key: string,
    fingerprint: string,
    work: () => Promise<Result>,
  ): Promise<{ readonly result: Result; readonly replayed: boolean }>;
}

/** A request with its key. */
export interface KeyedRequest {
  readonly operation: Operation;
  readonly exchange: RestExchange;
  readonly body: unknown;
  readonly key: string;
}

/**
 * Does the work of a request once for its `Idempotency-Key`, which counts for one operation and one caller.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
export async function runOnce(
  store: IdempotencyStore,
  { operation, exchange, body, key }: KeyedRequest,
  work: () => Promise<Prepared | undefined>,
): Promise<Prepared> {
  const { request, identity } = exchange;
  const scoped = JSON.stringify([operation.id, identity?.subject ?? null, key]);
  const fingerprint = hash('sha256', JSON.stringify([request.url, body ?? null]));
  let working = false;
  try {
    const { result, replayed } = await store.run(scoped, fingerprint, async () => {
      working = true;
      const prepared = await work();
      if (prepared) return prepared;
      throw broken(operation, 'answered by itself, so that its answer cannot be given again for the Idempotency-Key');
    });
    return replayed ? { ...result, headers: { ...result.headers, 'idempotency-replayed': 'true' } } : result;
  } catch (thrown) {
    // Whatever the work throws may have any reason; this one is meant when the store itself refuses.
    const reused = thrown instanceof ServiceError && thrown.reason === 'IDEMPOTENCY_KEY_REUSED' && !working;
    throw reused ? refuse('IDEMPOTENCY_KEY_REUSED', { cause: thrown }) : thrown;
  }
}

/**
 * The `Idempotency-Key` of a request; `undefined` when it has none and needs none.
 *
 * @throws {Refusal} IDEMPOTENCY_KEY_MALFORMED
 */
export function keyOf({ idempotencyKey }: Operation, { request }: RestExchange): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined && idempotencyKey === 'optional') return undefined;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) throw refuse('IDEMPOTENCY_KEY_MALFORMED');
  return key;
}
