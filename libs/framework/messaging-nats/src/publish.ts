import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { pause } from '@org/context';
import { brokerFull, brokerUnavailable, createBackoff, messageTooLarge, publishUnconfirmed } from '@org/messaging';
import type { ServiceError } from '@org/errors';
import { toNatsHeaders } from './headers.ts';
import type { Link } from './link.ts';
import type { Ask } from './replies.ts';

/** A message for a stream. */
export interface Storing {
  /** What it is called in errors. */
  readonly name: string;
  readonly stream: string;
  readonly subject: string;
  /** With the id by which the server recognises what it has already: the same message may be sent again. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Bytes that must be left below what the server takes. Default: what headers may say of a failure later. */
  readonly spareBytes?: number;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

/** Stores a message, and gives `false` when there is no stream for it. */
export type Store = (message: Storing) => Promise<boolean>;

/** What headers of a failure may add, should the message become a dead letter, in bytes. */
const roomForFailure = 16 * 1024;

/** The codes of JetStream's errors that speak of room: of the stream, of the account, of the disk. */
const fullCodes: ReadonlySet<number> = new Set([10002, 10023, 10028, 10047, 10077, 10122]);
const tooLargeCode = 10054;

interface Acknowledgement {
  readonly seq?: number;
  readonly error?: { readonly err_code?: number; readonly description?: string };
}

/**
 * Makes what stores messages. When the connection is lost before the confirmation came, it sends the message again over the
 * next one: within its window of two minutes the server takes the same id once.
 */
export function createStore(link: Link, ask: Ask): Store {
  return async ({ name, stream, subject, headers, body, spareBytes = roomForFailure, signal }) => {
    const doing = `publish \`${name}\``;
    const natsHeaders = toNatsHeaders(headers);
    const backoff = createBackoff(20, 500);
    let sent = false;
    const gaveUp = (): ServiceError =>
      sent
        ? publishUnconfirmed({ doing, why: 'its confirmation did not come in time', cause: signal.reason })
        : brokerUnavailable({ doing, why: whyNot(link), cause: signal.reason ?? link.why() });

    for (;;) {
      const connection = signal.aborted ? undefined : (link.current() ?? (await link.connected(signal)));
      if (!connection) throw gaveUp();
      assertSize(connection, doing, { headers, body, spareBytes });
      const reply = await ask(connection, { subject, payload: body, headers: natsHeaders, signal });
      sent = true;
      if (reply.kind === 'aborted') throw gaveUp();
      if (reply.kind === 'lost') continue;
      if (reply.message.headers?.code !== 503) return confirmed(reply.message, doing);
      // Nobody took it. A stream that is there and has no leader at the moment will take it later.
      sent = false;
      const there = await hasStream(connection, ask, stream, signal);
      if (there === false) return false;
      await pause(backoff.next(), signal);
    }
  };
}

/** Whether the stream is there; `undefined` where nobody says so. */
async function hasStream(
  connection: NatsConnection,
  ask: Ask,
  stream: string,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const reply = await ask(connection, { subject: `$JS.API.STREAM.INFO.${stream}`, payload: '', signal });
  if (reply.kind !== 'reply' || reply.message.headers?.code === 503) return undefined;
  return reply.message.json<{ error?: { code: number } }>().error?.code === 404 ? false : true;
}

function confirmed(message: Msg, doing: string): true {
  const { error } = parsed(message);
  if (!error) return true;
  const description = (error.description ?? 'it does not say why').slice(0, 200);
  const code = error.err_code ?? 0;
  if (code === tooLargeCode) throw messageTooLarge({ doing, why: 'the stream takes no messages of that size' });
  if (fullCodes.has(code)) {
    throw brokerFull({ doing, why: `it has no room for it (${description}). See why messages are not consumed` });
  }
  throw brokerUnavailable({ doing, why: `the broker did not store it (${description})` });
}

function parsed(message: Msg): Acknowledgement {
  try {
    return message.json<Acknowledgement>();
  } catch {
    return { error: { description: 'its answer cannot be read' } };
  }
}

function assertSize(
  { info }: NatsConnection,
  doing: string,
  { headers, body, spareBytes }: Required<Pick<Storing, 'headers' | 'body' | 'spareBytes'>>,
): void {
  const maximum = info?.max_payload ?? Infinity;
  if (body.length + roomForFailure <= maximum / 2) return;
  let size = body.length + spareBytes;
  for (const name in headers) size += name.length + Buffer.byteLength(headers[name]!) + 4;
  if (size <= maximum) return;
  const why = `with its headers it is larger than the ${maximum} bytes that the broker takes (\`max_payload\`)${spareBytes > 0 ? `, less ${spareBytes} for what is said of a failure` : ''}. Send less, or raise that`;
  throw messageTooLarge({ doing, why });
}

function whyNot(link: Link): string {
  if (link.closed.aborted) return 'the connection was closed';
  if (link.current()) return 'whoever publishes does not wait any more';
  return `the broker at ${link.place()} is away. See that it is running`;
}
