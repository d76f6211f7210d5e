import { once } from 'node:events';
import type { Socket } from 'node:net';
import { untilAborted } from '@org/context';
import { Connection, type Channel } from 'rabbitmq-client';
import { clientOptions, type Location } from './location.ts';

/** One connection, from its being made until it is lost. */
export interface Session {
  /** Opens a channel. Its errors are its own: the connection goes on. */
  acquire(): Promise<Channel>;
  /** Aborts when the connection is lost or closed, with why. */
  readonly lost: AbortSignal;
  /** Why the broker takes no messages, while it does not. */
  readonly blocked: string | undefined;
  /** Called whenever it is blocked or takes messages again. */
  onBlocked: (reason: string | undefined) => void;
  /** Has what is sent in this turn leave in one piece: each piece costs a call of the system. */
  batch(): void;
  /** Aborts when another connection has taken its place: whoever works over this one moves there. */
  readonly retired: AbortSignal;
  /** Says that something is under way over it, until `finish`. */
  begin(): void;
  finish(): void;
  /** Says that another one has taken its place. It is closed when nothing is under way over it, or after half a minute. */
  retire(): void;
  /** Gives the connection up, as if it had been lost. */
  destroy(reason: Error): void;
  /** Closes it in order, or gives it up when that takes too long: a blocked broker does not answer. */
  close(): Promise<void>;
}

/** How long closing in order may take, in milliseconds. */
const closeMs = 1_500;
/** How long a connection may stay open for what is under way over it, once another has taken its place, in milliseconds. */
const retiredMs = 30_000;
/** How many messages leave in one piece at most: the broker is at work on the first while others are written. */
const mostBatched = 8;

/**
 * Connects once.
 *
 * @throws what the client says, or the signal's reason.
 */
export async function connectOnce(
  location: Location,
  { name, timeoutMs, signal }: { name: string; timeoutMs: number; signal: AbortSignal },
): Promise<Session> {
  signal.throwIfAborted();
  const connection = new Connection(clientOptions(location, name, timeoutMs));
  refuseForeign(socketOf(connection));
  let lastError: Error | undefined;
  connection.on('error', (error: Error) => (lastError = error));
  try {
    // Rejects with the error that is told instead, too.
    await untilAborted(signal, () => once(connection, 'connection'));
    // A channel on which nothing happens closes with the connection alone: the client tells of that in no other way.
    const sentinel = await within(timeoutMs, connection.acquire({ emitErrorsFromChannel: true }));
    return sessionOf(connection, sentinel, () => lastError);
  } catch (error) {
    connection.unsafeDestroy();
    throw error;
  }
}

/** The client does not say what it is connected by; its version is pinned. */
function socketOf(connection: Connection): Socket {
  return (connection as unknown as { readonly _socket: Socket })._socket;
}

/** The broker sends headers in one frame, however large; what is no frame reads as more than this. */
const mostFrameBytes = 2 ** 26;

/**
 * Gives up a server that speaks something else. What it says reads as the length of a frame, which the client takes for granted:
 * from a gigabyte on Node throws where nobody catches it, and ends the process.
 */
function refuseForeign(socket: Socket): void {
  const read = socket.read.bind(socket);
  socket.read = (bytes?: number): unknown => {
    if (bytes === undefined || bytes <= mostFrameBytes) return read(bytes);
    socket.destroy(new Error('what answers there does not speak AMQP 0-9-1'));
    return null;
  };
}

function sessionOf(connection: Connection, sentinel: Channel, lastError: () => Error | undefined): Session {
  const losing = new AbortController();
  const retiring = new AbortController();
  let underWay = 0;
  const channels = new Set<Channel>([sentinel]);
  let blocked: string | undefined;
  const destroy = (reason: Error) => {
    if (losing.signal.aborted) return;
    losing.abort(reason);
    connection.unsafeDestroy();
  };
  // The error of a connection follows the end of its channels.
  sentinel.once('close', () => setImmediate(() => destroy(lastError() ?? new Error('the connection was closed'))));
  const setBlocked = (reason: string | undefined) => {
    blocked = reason;
    session.onBlocked(reason);
  };
  connection.on('connection.blocked', (reason: string) => setBlocked(reason || 'no reason given'));
  connection.on('connection.unblocked', () => setBlocked(undefined));
  // The client writes each message by itself, and has no way to be told otherwise.
  const socket = socketOf(connection);
  let batched = 0;
  const flush = () => {
    if (batched > 0) socket.uncork();
    batched = 0;
  };
  const session: Session = {
    batch() {
      if (batched >= mostBatched) flush();
      if (batched === 0) {
        socket.cork();
        setImmediate(flush);
      }
      batched += 1;
    },
    lost: losing.signal,
    retired: retiring.signal,
    begin: () => void (underWay += 1),
    finish() {
      underWay -= 1;
      if (underWay === 0 && retiring.signal.aborted) void session.close();
    },
    retire() {
      if (retiring.signal.aborted) return;
      const timer = setTimeout(() => void session.close(), retiredMs).unref();
      losing.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
      // Whoever moves to the next one is told before it is closed.
      session.begin();
      retiring.abort();
      session.finish();
    },
    get blocked() {
      return blocked;
    },
    onBlocked: () => {},
    destroy,
    async acquire() {
      const channel = await connection.acquire({ emitErrorsFromChannel: true });
      channels.add(channel);
      channel.once('close', () => channels.delete(channel));
      // Whoever waits for something of the channel hears of it there; without a listener it would end the process.
      channel.on('error', () => undefined);
      return channel;
    },
    async close() {
      const inOrder = async () => {
        await Promise.all([...channels].map((channel) => channel.close()));
        await connection.close();
      };
      if (!losing.signal.aborted) await within(closeMs, inOrder()).catch(() => undefined);
      destroy(new Error('the connection was closed'));
    },
  };
  return session;
}

/** Waits for the work, but no longer than so many milliseconds. */
export async function within<Result>(timeoutMs: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came in ${timeoutMs} ms`)), timeoutMs);
  });
  work.catch(() => undefined);
  return Promise.race([work, over]).finally(() => clearTimeout(timer));
}
