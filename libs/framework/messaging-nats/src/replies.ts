import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { createTurn } from './turn.ts';

/** What became of a message that asks for a reply. */
export type Reply =
  | { readonly kind: 'reply'; readonly message: Msg }
  /** The connection was lost after it was sent, or the signal aborted. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'aborted' };

export interface Asking {
  readonly subject: string;
  readonly payload: Uint8Array | string;
  readonly headers?: MsgHdrs;
  readonly signal: AbortSignal;
}

/** Asks over a connection. One subscription takes all replies, and a timer of the client's for each is spared. */
export type Ask = (connection: NatsConnection, asking: Asking) => Promise<Reply>;

type Settle = (reply: Reply) => void;

/** Makes the asking side of connections that follow one another. */
export function createAsk(): Ask {
  const desks = new WeakMap<NatsConnection, ReturnType<typeof openDesk>>();
  return (connection, { subject, payload, headers, signal }) => {
    let desk = desks.get(connection);
    if (!desk) desks.set(connection, (desk = openDesk(connection)));
    const { pending, reply } = desk;
    return new Promise<Reply>((resolve, reject) => {
      const { token, inbox } = reply();
      const end: Settle = (outcome) => {
        pending.delete(token);
        signal.removeEventListener('abort', onAbort);
        resolve(outcome);
      };
      const onAbort = () => end({ kind: 'aborted' });
      if (signal.aborted) return resolve({ kind: 'aborted' });
      pending.set(token, end);
      signal.addEventListener('abort', onAbort);
      desk.turn.add(() => {
        // Whoever asked does not wait any more: nothing is sent.
        if (!pending.has(token)) return;
        try {
          connection.publish(subject, payload, { reply: inbox, ...(headers && { headers }) });
        } catch (thrown) {
          if (connection.isClosed()) return end({ kind: 'lost' });
          pending.delete(token);
          signal.removeEventListener('abort', onAbort);
          reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
        }
      });
    });
  };
}

function openDesk(connection: NatsConnection) {
  const pending = new Map<string, Settle>();
  const prefix = createInbox();
  let count = 0;
  connection.subscribe(`${prefix}.*`, {
    callback: (error, message) => {
      if (error) return;
      pending.get(message.subject.slice(prefix.length + 1))?.({ kind: 'reply', message });
    },
  });
  void connection.closed().then(() => {
    for (const settle of [...pending.values()]) settle({ kind: 'lost' });
  });
  return {
    turn: createTurn(),
    pending,
    reply: () => {
      const token = (count += 1).toString(36);
      return { token, inbox: `${prefix}.${token}` };
    },
  };
}
