import type { CommandMessage, EventMessage, QueryMessage, Received, Sent } from '@org/contract';
import type { CloudEvent } from '@org/payload';
import type { Resource } from '@org/runtime';
import type { BrokerCore, core } from './core.ts';

/** What may be said about one message. */
export interface SendOptions {
  /** Names the message: a second one with the same is a duplicate of it. Default: a random UUID. */
  readonly id?: string;
  /** The partition key. Default: what the message's own `key` makes of the data. */
  readonly key?: string;
  /** What it is about, such as the id of an order. */
  readonly subject?: string;
  /** When it happened. Default: now. */
  readonly time?: Date;
  /** When it loses its use: from then on consumers acknowledge it without handling it. Default: never. */
  readonly expiresAt?: Date;
  /** Ends the wait, besides the time-out of publishing and the current call. */
  readonly signal?: AbortSignal;
}

export interface PublishOptions extends SendOptions {
  /** Whether an event for which nobody has a queue is refused, or accepted, counted and gone. Default: that of the broker. */
  readonly unrouted?: 'refuse' | 'accept';
}

export interface ForwardOptions extends Pick<PublishOptions, 'unrouted' | 'signal'> {
  /** Whether it is an event or a command. Default: `event`. */
  readonly kind?: 'event' | 'command';
}

export interface RequestOptions {
  /** How long to wait for the reply, in milliseconds. Default: the query's, else `BROKER_REQUEST_TIMEOUT`. A call's earlier deadline holds. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What a message that was sent is known by. */
export interface SentMessage {
  readonly id: string;
}

/** A connection to a broker, by which messages are sent. `consume` and `respond` receive them. */
export interface Broker extends Resource {
  readonly kind: 'messaging';
  /**
   * Tells that something happened. Resolves when the broker has it safely and every queue that wants it has it.
   *
   * @throws {TypeError} when the service's contract does not name the event under `publishes`.
   * @throws {ServiceError} invalid_argument, PAYLOAD_…, for data that does not fit or is too large; unavailable,
   *   BROKER_UNAVAILABLE or PUBLISH_UNCONFIRMED, with `details.delivered` `no` or `maybe`; resource_exhausted, BROKER_FULL
   *   or PUBLISH_QUEUE_FULL; failed_precondition, MESSAGE_UNROUTABLE.
   */
  publish<Event extends EventMessage>(
    event: Event,
    data: Sent<Event['data']>,
    options?: PublishOptions,
  ): Promise<SentMessage>;
  /** Tells the one service that handles it to do something. Resolves and rejects as `publish` does. */
  send<Command extends CommandMessage>(
    command: Command,
    data: Sent<Command['data']>,
    options?: SendOptions,
  ): Promise<SentMessage>;
  /**
   * Publishes or sends what was made before, such as by an outbox, with its id, its time and its place in the trace. Its
   * data is taken as it is. Resolves and rejects as `publish` does.
   */
  forward(event: CloudEvent, options?: ForwardOptions): Promise<SentMessage>;
  /**
   * Asks the one service that answers it.
   *
   * @throws {ServiceError} with the code that the responder's handler threw; unavailable, NO_RESPONDER, when nobody
   *   answers; deadline_exceeded; internal, REPLY_INVALID, for a reply that does not fit; and as `publish`.
   */
  request<Query extends QueryMessage>(
    query: Query,
    request: Sent<Query['request']>,
    options?: RequestOptions,
  ): Promise<Received<Query['reply']>>;
  check(signal: AbortSignal): Promise<void>;
  /** @private What the other functions of this library need of it. */
  readonly [core]: BrokerCore;
}
