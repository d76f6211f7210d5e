import { pause, untilAborted } from '@org/context';
import { ServiceError } from '@org/errors';
import type { Logger } from '@org/logging';
import { brokerUnavailable, createBackoff, type TransportOptions } from '@org/messaging';
import { explainConnection } from './connection-error.ts';
import { readLocation } from './location.ts';
import { connectOnce, type Session } from './session.ts';

/** A connection that is made again whenever it is lost. */
export interface Link {
  /** The connection, while there is one. */
  readonly session: Session | undefined;
  /**
   * Waits for a connection that satisfies, until the signal aborts.
   *
   * @throws {ServiceError} unavailable, BROKER_UNAVAILABLE, when the link is closed or the signal aborts.
   */
  usable(doing: string, signal: AbortSignal, satisfies?: (session: Session) => boolean): Promise<Session>;
  /** Has whoever waits for a usable connection look again. */
  changed(): void;
  /** Aborts when the link is closed, so that whatever waits for it ends. */
  readonly closed: AbortSignal;
  /** @throws {ServiceError} unavailable, with why there is none or why it takes no messages. */
  assertHealthy(doing: string): void;
  close(): Promise<void>;
}

/**
 * Connects, and from then on again and again.
 *
 * @param onSession Makes what every connection needs before it is used. What it throws is a failed connection.
 * @throws {ServiceError} as `BrokerAdapter.open` says.
 */
export async function openLink(
  options: TransportOptions,
  { purpose, onSession = async () => {} }: { purpose: string; onSession?: (session: Session) => Promise<void> },
): Promise<Link> {
  const { logger, connectTimeoutMs, service } = options;
  const doing = 'connect to RabbitMQ';
  const closing = new AbortController();
  const waiting = new Set<() => void>();
  const wake = () => [...waiting].forEach((look) => look());
  const open = new Set<Session>();
  let session: Session | undefined;
  let lastFailure: ServiceError | undefined;
  // User and password, by how often they have changed.
  const loginOf = new WeakMap<Session, number>();
  let login = 0;

  const connect = async (signal: AbortSignal): Promise<Session> => {
    const asked = login;
    const location = readLocation(options.url, options.credentials);
    try {
      const made = await connectOnce(location, { name: `${service} ${purpose}`, timeoutMs: connectTimeoutMs, signal });
      try {
        await untilAborted(AbortSignal.any([signal, made.lost]), () => onSession(made));
      } catch (error) {
        made.destroy(error as Error);
        throw error;
      }
      loginOf.set(made, asked);
      return made;
    } catch (error) {
      // What was asked of the broker once it was there is explained already.
      throw (lastFailure = error instanceof ServiceError ? error : await explainConnection(error, location, doing));
    }
  };
  const use = (made: Session) => {
    const last = session;
    session = made;
    lastFailure = undefined;
    open.add(made);
    made.onBlocked = (reason) => {
      if (made === session) tellOfBlock(logger, reason);
      wake();
    };
    made.lost.addEventListener('abort', () => void again(made), { once: true });
    wake();
    last?.retire();
    void move();
  };
  let isMoving = false;
  /** Other credentials have a connection of their own, before the one with the last ones is given up. */
  async function move(): Promise<void> {
    if (isMoving) return;
    isMoving = true;
    while (session && loginOf.get(session) !== login && !closing.signal.aborted) {
      const signal = AbortSignal.any([closing.signal, session.lost]);
      const made = await persist(connect, signal, (error) => {
        if (signal.aborted) return;
        logger.warn({ err: error, purpose }, 'RabbitMQ does not take the credentials that came; the last ones stay');
      });
      if (!made) break;
      if (closing.signal.aborted) await made.close();
      else use(made);
    }
    isMoving = false;
  }
  async function again(gone: Session): Promise<void> {
    open.delete(gone);
    if (gone !== session) return;
    session = undefined;
    if (closing.signal.aborted) return;
    logger.warn({ err: gone.lost.reason as Error, purpose }, 'The connection to RabbitMQ is lost; it is made again');
    const made = await persist(connect, closing.signal, (error) => {
      if (error.code === 'unavailable' || closing.signal.aborted) return;
      logger.error({ err: error, purpose }, 'RabbitMQ refuses the connection');
    });
    if (!made) return;
    if (closing.signal.aborted) return made.close();
    use(made);
    logger.info({ purpose }, 'The connection to RabbitMQ is back');
    // It may have been lost again before anybody listened.
    if (made.lost.aborted) void again(made);
  }

  const changed = () => {
    login += 1;
    void move();
  };
  const listening = [options.url, options.credentials].map((secret) => secret?.onChange(changed, () => {}));
  const forget = () => listening.forEach((end) => end?.());
  try {
    use(await firstSession(connect, connectTimeoutMs));
  } catch (error) {
    forget();
    throw error;
  }
  return {
    get session() {
      return session;
    },
    closed: closing.signal,
    changed: wake,
    async usable(doingThis, signal, satisfies = () => true) {
      for (;;) {
        if (closing.signal.aborted) throw brokerUnavailable({ doing: doingThis, why: 'the connection was closed' });
        if (signal.aborted) {
          throw brokerUnavailable({ doing: doingThis, why: whyNot(session, lastFailure), cause: signal.reason });
        }
        if (session && satisfies(session)) return session;
        await change(waiting, AbortSignal.any([signal, closing.signal]));
      }
    },
    assertHealthy(doingThis) {
      if (closing.signal.aborted) throw brokerUnavailable({ doing: doingThis, why: 'the connection was closed' });
      if (session?.blocked === undefined && session) return;
      throw brokerUnavailable({ doing: doingThis, why: whyNot(session, lastFailure), cause: lastFailure });
    },
    async close() {
      closing.abort();
      forget();
      session = undefined;
      await Promise.all([...open].map((each) => each.close()));
    },
  };
}

/** The first connection, tried until the time is over as long as nobody refuses it. */
async function firstSession(
  connect: (signal: AbortSignal) => Promise<Session>,
  connectTimeoutMs: number,
): Promise<Session> {
  const signal = AbortSignal.timeout(connectTimeoutMs);
  let refused: ServiceError | undefined;
  const ending = new AbortController();
  const made = await persist(connect, AbortSignal.any([signal, ending.signal]), (error) => {
    // Whoever gives up for want of time has nothing to say about why.
    if (!refused || !signal.aborted) refused = error;
    if (error.code !== 'unavailable') ending.abort();
  });
  if (made) return made;
  throw refused!;
}

/** Tries again and again, each time after a longer delay; `undefined` when the signal aborts. */
async function persist(
  connect: (signal: AbortSignal) => Promise<Session>,
  signal: AbortSignal,
  onFailure: (error: ServiceError) => void,
): Promise<Session | undefined> {
  let lastMessage: string | undefined;
  const backoff = createBackoff(100, 5_000);
  for (;;) {
    try {
      return await connect(signal);
    } catch (error) {
      const { message } = error as ServiceError;
      if (message !== lastMessage) onFailure(error as ServiceError);
      lastMessage = message;
    }
    if (signal.aborted) return undefined;
    await pause(backoff.next(), signal);
    if (signal.aborted) return undefined;
  }
}

function whyNot(session: Session | undefined, failure: ServiceError | undefined): string {
  if (session?.blocked !== undefined) {
    return `RabbitMQ takes no messages (${session.blocked}). Give it memory or disk, or see what fills it`;
  }
  if (session) return 'it has as much to confirm as may wait for it';
  return `the connection to RabbitMQ is lost${failure ? `: ${failure.message}` : ', and is made again'}`;
}

function tellOfBlock(logger: Logger, reason: string | undefined): void {
  if (reason === undefined) logger.info({}, 'RabbitMQ takes messages again');
  else logger.warn({ reason }, 'RabbitMQ takes no messages for now');
}

function change(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      waiting.delete(end);
      signal.removeEventListener('abort', end);
      resolve();
    };
    if (signal.aborted) return resolve();
    waiting.add(end);
    signal.addEventListener('abort', end);
  });
}
