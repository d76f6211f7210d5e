import { connect, type NatsConnection } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { pause, runOutsideCalls } from '@org/context';
import { toServiceError, type ServiceError } from '@org/errors';
import { createBackoff, type TransportOptions } from '@org/messaging';
import { connectError, isPassing, jetStreamDisabled, versionUnsupported } from './connect-errors.ts';
import { connectionOptions, placeOf } from './target.ts';
import { settledOr, until } from './until.ts';

/** A connection that is opened anew whenever it is lost, until it is closed. */
export interface Link extends AsyncDisposable {
  /** The connection now in force; `undefined` while there is none. */
  current(): NatsConnection | undefined;
  /** The connection, as soon as there is one; `undefined` when the signal aborts first, or the link was closed. */
  connected(signal: AbortSignal): Promise<NatsConnection | undefined>;
  /** Calls the listener with the connection in force, and with each that follows, until it is told to stop. */
  onConnect(listener: (connection: NatsConnection) => void): () => void;
  /** Aborts when the link is closed. */
  readonly closed: AbortSignal;
  /** Why there is no connection. */
  why(): ServiceError | undefined;
  place(): string;
}

/** How long one try may take, and how long closing may. */
const [tryMs, closeMs] = [2_000, 1_000];

/**
 * Opens the first connection, trying again while nothing answers.
 *
 * @throws {ServiceError} what `connectError` makes of it, when the time is over or trying again is of no use.
 */
export async function openLink(options: TransportOptions): Promise<Link> {
  const { service, logger, connectTimeoutMs } = options;
  const closing = new AbortController();
  const listeners = new Set<(connection: NatsConnection) => void>();
  let connection: NatsConnection | undefined;
  let reason: ServiceError | undefined;

  const open = async (timeoutMs: number) => {
    const place = placeOf(options);
    try {
      return await accepted(await connect(connectionOptions(options, service, timeoutMs)), place, timeoutMs);
    } catch (thrown) {
      throw thrown instanceof TypeError || isService(thrown) ? thrown : connectError(thrown, place);
    }
  };
  const use = (opened: NatsConnection) => {
    connection = opened;
    reason = undefined;
    for (const listener of [...listeners]) listener(opened);
    void opened.closed().then(async (lost) => {
      if (connection !== opened) return;
      connection = undefined;
      if (closing.signal.aborted) return;
      reason = connectError(lost ?? new Error('the connection was lost'), placeOf(options));
      logger.warn({ err: reason }, `The connection to the broker at ${placeOf(options)} is lost`);
      await reopen();
    });
  };
  const reopen = async () => {
    const backoff = createBackoff(50, 2_000);
    while (!closing.signal.aborted) {
      try {
        const opened = await open(tryMs);
        if (closing.signal.aborted) return void closeSoon(opened);
        logger.info(`The connection to the broker at ${placeOf(options)} is back`);
        return use(opened);
      } catch (thrown) {
        const error = toServiceError(thrown);
        // It does not help to say the same each time; that credentials are refused now is something else.
        if (error.reason !== reason?.reason) logger.error({ err: error }, 'The broker cannot be connected to');
        reason = error;
        await pause(backoff.next(), closing.signal);
      }
    }
  };

  use(await runOutsideCalls(() => firstOf(open, connectTimeoutMs)));
  return {
    closed: closing.signal,
    current: () => connection,
    why: () => reason,
    place: () => placeOf(options),
    async connected(signal) {
      if (connection || closing.signal.aborted) return connection;
      const either = AbortSignal.any([signal, closing.signal]);
      const opened = await until<NatsConnection>(either, (tell) => {
        listeners.add(tell);
        return () => listeners.delete(tell);
      });
      return opened?.told;
    },
    onConnect(listener) {
      listeners.add(listener);
      if (connection) listener(connection);
      return () => void listeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      if (closing.signal.aborted) return;
      closing.abort();
      const last = connection;
      connection = undefined;
      if (last) await closeSoon(last);
    },
  };
}

async function firstOf(
  open: (timeoutMs: number) => Promise<NatsConnection>,
  timeoutMs: number,
): Promise<NatsConnection> {
  const endAt = performance.now() + timeoutMs;
  const backoff = createBackoff(50, 1_000);
  for (;;) {
    const leftMs = Math.max(1, endAt - performance.now());
    try {
      return await open(leftMs);
    } catch (thrown) {
      const waitMs = backoff.next();
      if (!isService(thrown) || !isPassing(thrown) || performance.now() + waitMs >= endAt) throw thrown;
      await pause(waitMs, new AbortController().signal);
    }
  }
}

/** Gives the connection when its server can do what is needed. */
async function accepted(connection: NatsConnection, place: string, timeout: number): Promise<NatsConnection> {
  const version = connection.info?.version ?? '0.0.0';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  try {
    if (major < 2 || (major === 2 && minor < 9)) throw versionUnsupported(place, version);
    if (!connection.info?.jetstream) throw jetStreamDisabled(place);
    // The server may have it, and the account not.
    await jetstreamManager(connection, { checkAPI: true, timeout: Math.min(timeout, 5_000) }).catch(
      (cause: unknown) => {
        throw /timeout/i.test(String(cause)) ? (cause as Error) : jetStreamDisabled(place, cause);
      },
    );
    return connection;
  } catch (thrown) {
    await closeSoon(connection);
    throw thrown;
  }
}

function isService(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && toServiceError(thrown) === thrown;
}

/** Closes a connection; a server that does not answer holds nobody up. */
async function closeSoon(connection: NatsConnection): Promise<void> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), closeMs);
  await settledOr(over.signal, connection.close());
  clearTimeout(timer);
}
