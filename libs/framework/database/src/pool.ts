import { createCall, pause, untilAborted } from '@org/context';
import type { ServiceError } from '@org/errors';
import { databaseClosed, poolExhausted } from './database-errors.ts';
import type { Connection, Driver } from './driver.ts';
import { observePool, type DatabaseInstruments } from './instruments.ts';
import { createLease, type Lease } from './lease.ts';
import { createSlots } from './slots.ts';
import { translateConnect } from './translate.ts';

/** How often a connection is tried, and how long the first pause is, in milliseconds. */
const attempts = 3;
const backoffMs = 50;

/** Hands out connections, to so many at a time. */
export interface Pool extends AsyncDisposable {
  /**
   * Gives a connection that is at hand, else waits for one that is free, or makes one. Nothing was sent when it rejects.
   *
   * @param doing For errors: run `INSERT orders`.
   * @throws {ServiceError} resource_exhausted when none is free in time; unavailable when the server is away; the signal's
   *   reason.
   */
  lease(doing: string, signal: AbortSignal | undefined): Lease | Promise<Lease>;
  /** Resolves when no connection is in use, or the signal aborts. */
  drain(signal: AbortSignal): Promise<void>;
  /** Refuses whoever comes from now on, and ends all connections. */
  [Symbol.asyncDispose](): Promise<void>;
}

export function createPool(driver: Driver, timeoutMs: number, instruments: DatabaseInstruments): Pool {
  const slots = createSlots(driver.size);
  const stopObserving = observePool(driver, slots);
  const closing = new AbortController();
  // Whoever waits has a call of its own in it, and leaves nothing behind.
  const life = createCall({ signal: closing.signal });
  const attributes = Object.freeze({ 'db.client.connection.pool.name': driver.place.namespace });
  instruments.timeouts.add(0, attributes);
  const idle = new Set<() => void>();

  const take = async (doing: string, signal: AbortSignal | undefined) => {
    const free = slots.tryTake();
    if (free) {
      instruments.waitTime.record(0, attributes);
      return free;
    }
    const started = performance.now();
    using waiting = createCall({ parent: life, timeoutMs, ...(signal && { signal }) });
    try {
      return await slots.take(waiting.signal);
    } catch (error) {
      if (closing.signal.aborted) throw databaseClosed(doing);
      if (signal?.aborted) throw error;
      instruments.timeouts.add(1, attributes);
      throw poolExhausted(doing, driver.size, timeoutMs);
    } finally {
      instruments.waitTime.record((performance.now() - started) / 1_000, attributes);
    }
  };
  const leaseOf = (connection: Connection, release: () => void) =>
    createLease(connection, () => {
      release();
      if (slots.used === 0) for (const tell of idle) tell();
    });
  const leaseAtHand = () => {
    if (closing.signal.aborted) return undefined;
    const release = slots.tryTake();
    if (!release) return undefined;
    const connection = driver.takeAtHand();
    if (!connection) return void release();
    instruments.waitTime.record(0, attributes);
    return leaseOf(connection, release);
  };
  const leaseLater = async (doing: string, signal: AbortSignal | undefined) => {
    if (closing.signal.aborted) throw databaseClosed(doing);
    signal?.throwIfAborted();
    const release = await take(doing, signal);
    try {
      return leaseOf(await connect(driver, signal, closing.signal), release);
    } catch (error) {
      release();
      throw closing.signal.aborted ? databaseClosed(doing) : error;
    }
  };
  return {
    lease: (doing, signal) => leaseAtHand() ?? leaseLater(doing, signal),
    async drain(signal) {
      if (slots.used === 0 || signal.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      idle.add(resolve);
      await untilAborted(signal, () => promise).catch(() => {});
      idle.delete(resolve);
    },
    async [Symbol.asyncDispose]() {
      if (closing.signal.aborted) return;
      closing.abort();
      stopObserving();
      await driver[Symbol.asyncDispose]();
    },
  };
}

/** A server that restarts refuses for a moment. Nothing is sent before there is a connection, so that trying again is safe. */
async function connect(driver: Driver, signal: AbortSignal | undefined, closed: AbortSignal) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await driver.connect(signal);
    } catch (thrown) {
      if (signal?.aborted || closed.aborted) throw thrown;
      const error = translateConnect(thrown, driver.place.shown);
      if (attempt === attempts || !mayCome(error)) throw error;
      await pause(backoffMs * 2 ** attempt * Math.random(), signal ?? AbortSignal.timeout(60_000));
      signal?.throwIfAborted();
    }
  }
}

function mayCome(error: ServiceError): boolean {
  return error.reason === 'DATABASE_UNAVAILABLE';
}
