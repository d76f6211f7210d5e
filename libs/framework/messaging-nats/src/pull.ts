import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { settledOr } from './until.ts';

/** Asks a consumer of a stream for messages, as many as there is room for. */
export interface Pull {
  /** There may be room now. */
  more(): void;
  /** Resolves when nothing comes any more: with why, or `undefined` when the connection is gone or it was ended. */
  readonly over: Promise<string | undefined>;
  /** It is known from elsewhere that nothing comes any more. */
  giveUp(why: string): void;
  /** Asks for nothing any more; resolves when what was on its way is here. */
  end(): Promise<void>;
}

export interface PullParts {
  readonly connection: NatsConnection;
  readonly stream: string;
  readonly consumer: string;
  readonly room: () => number;
  readonly take: (message: Msg) => void;
}

/** How long a request for messages lives on the server, and how often it says that it does. */
const [expiresMs, heartbeatMs] = [30_000, 5_000];
/** How long the server may be silent about a request before it is made again. */
const silenceMs = 2.5 * heartbeatMs;
/** How long what is on its way may take when it ends. */
const drainMs = 2_000;

/** The client has a loop of its own, which takes more than is worked on, and tells of what goes wrong by an iterator. */
export function openPull(parts: PullParts): Pull {
  const { connection, stream, consumer } = parts;
  const { promise: over, resolve: finish } = Promise.withResolvers<string | undefined>();
  const inbox = createInbox();
  const next = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
  let requested = 0;
  let heardAt = performance.now();
  let ended = false;
  let broken = false;

  const more = () => {
    if (ended || connection.isClosed()) return;
    const free = parts.room() - requested;
    // One request for several costs less than several for one each; but what is free is never left without any.
    if (free <= 0 || (requested > 0 && free < (parts.room() + 1) / 2)) return;
    requested += free;
    const request = { batch: free, expires: expiresMs * 1e6, idle_heartbeat: heartbeatMs * 1e6 };
    try {
      connection.publish(next, JSON.stringify(request), { reply: inbox });
    } catch {
      finish(undefined);
    }
  };
  const status = ({ headers }: Msg) => {
    const code = headers?.code ?? 0;
    if (code === 100) return;
    // A request is over; so many of what it asked for will not come.
    requested = Math.max(0, requested - (Number(headers?.get('Nats-Pending-Messages')) || 0));
    const description = `${code} ${headers?.description ?? ''}`;
    if (code === 408 || code === 404 || /max.*(waiting|batch|bytes|size)/i.test(description)) more();
    else finish(description);
  };
  const subscription = connection.subscribe(inbox, {
    callback: (error, message) => {
      if (error) return finish(error.message);
      heardAt = performance.now();
      if (!message.reply?.startsWith('$JS.ACK.')) return status(message);
      requested = Math.max(0, requested - 1);
      parts.take(message);
      more();
    },
  });
  const watch = setInterval(() => {
    if (requested > 0 && performance.now() - heardAt < silenceMs) return;
    requested = 0;
    more();
  }, heartbeatMs / 2);
  void connection.closed().then(() => finish(undefined));
  void over.then(() => {
    clearInterval(watch);
    broken = true;
    if (!connection.isClosed() && !subscription.isClosed()) subscription.unsubscribe();
  });
  more();

  return {
    more,
    over,
    giveUp: finish,
    async end() {
      if (ended) return;
      ended = true;
      if (connection.isClosed() || broken) return;
      await settledOr(AbortSignal.timeout(drainMs), subscription.drain());
      finish(undefined);
    },
  };
}
