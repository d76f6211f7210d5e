import type { Credentials, Secret } from '@org/config';
import type { Logger } from '@org/logging';
import type { Binding, ReceivedMessage, WireMessage } from '@org/payload';
import type { DeadLetterStore, Failure } from './dead-letter.ts';
import type { TopologyReport } from './topology.ts';

/*
 * What an adapter implements. These comments are the contract: each sentence that promises something has its case in the
 * suite (`@org/messaging/conformance`). A transport stores, routes, delivers and settles; envelopes, schemas, retry
 * decisions, time-outs, the inbox and telemetry belong to the core, which is the same over every broker.
 */

/** One kind of broker: a vendor's, or the one in memory. */
export interface BrokerAdapter {
  /** As OpenTelemetry's `messaging.system` calls it: `rabbitmq`, `nats`. */
  readonly name: string;
  /** The protocols that it opens, each with the port of a URL that names none: `{ 'amqp:': 5672, 'amqps:': 5671 }`. */
  readonly ports: Readonly<Record<string, number>>;
  /** How a CloudEvent stands in the headers of its messages. */
  readonly binding: Binding;
  /**
   * Connects, and from then on reconnects by itself. The caller disposes what it gives.
   *
   * @throws {ServiceError} unavailable when nothing answers within `connectTimeoutMs`; unauthenticated or
   *   permission_denied when the broker refuses the service; failed_precondition when URL and broker do not fit (TLS,
   *   virtual host). Messages name the place without its password, and say what to do.
   */
  open(options: TransportOptions): Promise<Transport>;
}

export interface TransportOptions {
  /** Where the broker is; its protocol is one of the adapter's. Ask for it at each connection: it may rotate. */
  readonly url: Secret<string>;
  /** User and password; those in the URL hold where there are none. */
  readonly credentials: Secret<Credentials> | undefined;
  /** The name of the service, for the connection's name on the broker. */
  readonly service: string;
  /** Says when the connection is lost, blocked and back: once each, not per attempt. */
  readonly logger: Logger;
  /** How long the first connection may take, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** How many messages a queue takes before it refuses more. Default: the transport's own; in memory 10 000. */
  readonly queueLimit?: number;
}

/** What a broker can do that others cannot. What it lacks is skipped by name in the suite, and stands in the README. */
export interface Features {
  /** What was published outlives a restart of the broker. */
  readonly durable: boolean;
  /** A message that waits for its next attempt does so in the broker: the wait outlives consumers and, if durable, the broker. */
  readonly delaysInBroker: boolean;
  /** An event for which nobody has a queue is refused instead of lost. */
  readonly detectsUnroutable: boolean;
  /** Deliveries of an ordered subscription go to one consumer of its group at a time, so that order holds among replicas. */
  readonly ordersAcrossConsumers: boolean;
  /** `attempt` counts deliveries whose consumer died before it settled them. */
  readonly countsCrashes: boolean;
  /** A message that is published twice with the same id, soon after one another, is stored once. */
  readonly deduplicates: boolean;
  /** A queue that holds `queueLimit` messages refuses more. */
  readonly boundsQueues: boolean;
}

export type Feature = keyof Features;

/** One connection to a broker. */
export interface Transport extends AsyncDisposable {
  readonly features: Features;
  /**
   * Resolves when the broker has the message safely and every queue that is bound to its type has it.
   *
   * While the broker is away or blocked it waits, until `message.signal` aborts, whose reason is then the cause.
   *
   * @throws {ServiceError} by the functions of `transport-errors.ts`: `brokerUnavailable` when nothing was sent,
   *   `publishUnconfirmed` when it may have been stored, `messageUnroutable`, `brokerFull`, `messageTooLarge`.
   */
  publish(message: OutgoingMessage): Promise<void>;
  /**
   * Makes the subscription's queue, its delays and its dead letters if they are not there, and takes deliveries from it:
   * at most `prefetch` that are not settled. Resolves when the queue is bound, so that whatever is published from then on
   * gets there. Several subscriptions of one name compete; each name gets every message of its types.
   *
   * `deliver` never rejects. While it has not ended the message stays with this consumer, however long that takes; then
   * its outcome is carried out. A message whose consumer vanishes first is delivered again, to whoever is there.
   *
   * After a lost connection, or a queue that was deleted, it goes on by itself.
   *
   * @throws {ServiceError} failed_precondition, TOPOLOGY_CONFLICT, when the broker has a queue of that name that is made
   *   otherwise: its message says in what it differs, and what to do.
   */
  subscribe(subscription: Subscription, deliver: (delivery: Delivery) => Promise<Outcome>): Promise<Running>;
  /**
   * Sends a query, and gives the answer of one of its responders, its headers included.
   *
   * @throws {ServiceError} `noResponder` at once when nobody answers that type; else as `publish`; the signal's reason
   *   when it aborts after the query was sent.
   */
  request(message: OutgoingMessage): Promise<ReceivedMessage>;
  /**
   * Answers queries of a type; several responders share them. `handle` never rejects. Its signal aborts when the asker
   * is known to be gone, and never where the broker cannot tell.
   */
  respond(
    query: Responding,
    handle: (wire: ReceivedMessage, signal: AbortSignal) => Promise<WireMessage>,
  ): Promise<Running>;
  /** The dead letters of a subscription, which need not run here. Opens and makes nothing by itself. */
  deadLetters(subscription: Subscription): DeadLetterStore;
  /** What subscriptions and published types need, beside what the broker has. Changes nothing. */
  topology(wanted: Wanted, signal: AbortSignal): Promise<TopologyReport>;
  /** Rejects with a `ServiceError` that says why, while the connection is down or the broker takes no messages. */
  check(signal: AbortSignal): Promise<void>;
  /** Closes the connection, within a few seconds also when the broker does not answer. What is not settled goes back. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What is wanted of a broker. */
export interface Wanted {
  readonly subscriptions: readonly Subscription[];
  readonly publishes: readonly { readonly kind: MessageKind; readonly type: string }[];
  readonly answers: readonly Responding[];
}

/** Whether many may hear of it, one is to do it, or one is to answer it. */
export type MessageKind = 'event' | 'command' | 'query';

/** A message on its way to the broker. */
export interface OutgoingMessage {
  readonly kind: MessageKind;
  /** Its CloudEvents type, by which it is routed: `orders.order.placed.v1`. */
  readonly type: string;
  /** Its CloudEvents id, by which duplicates are recognised. */
  readonly id: string;
  /** The partition key: messages of one key keep their order in an ordered subscription. */
  readonly key: string | undefined;
  readonly wire: WireMessage;
  /** Whether an event for which nobody has a queue is refused, or accepted and gone. Commands and queries are refused. */
  readonly unrouted: 'refuse' | 'accept';
  /** Called where `unrouted` is `accept`, and nobody had a queue for it. */
  readonly onUnrouted?: () => void;
  /** Ends the wait: for the connection, for room, for the confirmation. */
  readonly signal: AbortSignal;
}

/** What a consumer is interested in, and how it is served. The same for all members of a group. */
export interface Subscription {
  readonly kind: 'event' | 'command';
  /** The consumer group, normally the name of the service; `commands` for commands. */
  readonly group: string;
  /** The types that its queue gets: one, or the older majors too when they are upcast. */
  readonly types: readonly string[];
  /** The queue: `<group>/<newest type>`. Delays are `<name>/retry/<delay>`, dead letters `<name>/dead`. */
  readonly name: string;
  /** How many deliveries may be unsettled at a time, from 1 up. */
  readonly prefetch: number;
  /** Delays after the first, second, … failed attempt, in milliseconds; the attempt after the last one is the last. */
  readonly retryDelaysMs: readonly number[];
  /**
   * Deliver in the order of publication, and to one consumer of the name at a time where the broker can. The core then
   * holds a message that failed, unsettled, through all its attempts: `retry` comes only when the service stops.
   */
  readonly ordered: boolean;
  /** How long a handler may take, in milliseconds. An ordered message may stay unsettled longer, by its delays. */
  readonly timeoutMs: number;
}

/** A message that a consumer is given. */
export interface Delivery {
  /** Headers by the names and with the values that they were sent with, also those that are none of an event. */
  readonly wire: ReceivedMessage;
  /** The id that it was published with; where a foreign publisher gave none, one by which it is known from here on. */
  readonly id: string;
  /** Which attempt this is, from 1 up. */
  readonly attempt: number;
  /** When it was delivered for the first time, else when it was stored, in milliseconds since the epoch; as well as the broker knows. */
  readonly firstAt: number;
}

/** What becomes of a delivery. */
export type Outcome =
  | { readonly kind: 'acknowledge' }
  /** Deliver it again, after the rung of the ladder that is `delayMs`, or at once for 0; its attempts go on counting. */
  | { readonly kind: 'retry'; readonly delayMs: number }
  /** Move it to the dead letters, with the failure beside it (`failureHeaders`); never lost in between. */
  | { readonly kind: 'dead-letter'; readonly failure: Failure };

/** Who answers queries of a type, from the queue `queries/<type>`. */
export interface Responding {
  readonly type: string;
  /** How many queries may be answered at a time, from 1 up. */
  readonly concurrency: number;
}

/** A subscription or a responder at work. */
export interface Running {
  /**
   * Takes nothing new, and waits for what is in flight to be settled; gives back what was taken and not yet handed over.
   * Resolves early when the signal aborts: what is left is delivered again. Called once.
   */
  stop(signal: AbortSignal): Promise<void>;
  /** How many messages wait in the queue and were not delivered yet; those that wait for another attempt do not count. */
  lag(signal: AbortSignal): Promise<number>;
}
