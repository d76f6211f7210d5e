import type * as z from 'zod';
import type { Deprecation } from './deprecation.ts';
import type { Received, Sent } from './operation.ts';

/** What every message states. */
interface MessageFacts<Type extends string> {
  /** Unique in the contract: the name of what it says, and a major version, such as `orders.order.placed.v1`. */
  readonly type: Type;
  /** One line. */
  readonly summary: string;
  readonly description?: string;
  /** In the document alone. */
  readonly deprecated?: boolean | Deprecation;
}

/** A message that nobody answers. */
interface OneWayMessage<Data extends z.ZodType, Type extends string> extends MessageFacts<Type> {
  /**
   * What it says. Whoever sends gives what goes into this schema; whoever receives gets what comes out. It must take what it
   * gives, since both sides use it, and not be asynchronous.
   */
  readonly data: Data;
  /** The partition key: messages with the same one can be handled in their order. Default: there is none. */
  key?(data: Received<Data>): string;
  /** By name. */
  readonly examples?: Readonly<Record<string, DataExample>>;
}

/** How the data of an older major becomes that of this one, so that a handler of this one gets both. */
export interface Upcast<Older extends { readonly data: z.ZodType }, Data extends z.ZodType = z.ZodType> {
  readonly from: Older;
  /** Gives what goes into the schema of the newer data. */
  map(older: Received<Older['data']>): Sent<Data>;
}

/** Something that happened, for whoever wants to know. Plain data. */
export interface EventMessage<Data extends z.ZodType = z.ZodType, Type extends string = string> extends OneWayMessage<
  Data,
  Type
> {
  readonly kind: 'event';
  readonly upcast?: Upcast<EventMessage>;
}

/** Something that one service is told to do. Plain data. */
export interface CommandMessage<Data extends z.ZodType = z.ZodType, Type extends string = string> extends OneWayMessage<
  Data,
  Type
> {
  readonly kind: 'command';
  readonly upcast?: Upcast<CommandMessage>;
}

/** A question to one service that waits for its reply. Plain data. */
export interface QueryMessage<
  Request extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
  Type extends string = string,
> extends MessageFacts<Type> {
  readonly kind: 'query';
  readonly request: Request;
  readonly reply: Reply;
  /** How long to wait for the reply where the caller says nothing else, in milliseconds. Default: as long as messaging waits. */
  readonly timeoutMs?: number;
  /** By name. */
  readonly examples?: Readonly<Record<string, QueryExample>>;
}

export type Message = EventMessage | CommandMessage | QueryMessage;

/** What an event or a command could say, for the document. */
export interface DataExample<Data = unknown> {
  readonly summary?: string;
  readonly data: Data;
}

/** A question and what could be replied, for the document. Both are optional. */
export interface QueryExample<Request = unknown, Reply = unknown> {
  readonly summary?: string;
  readonly request?: Request;
  readonly reply?: Reply;
}

type Stated<Of extends Message> = Omit<
  Of,
  'kind' | 'type' | 'data' | 'request' | 'reply' | 'key' | 'upcast' | 'examples'
>;

/** What an event and a command are defined by, with their schemas told apart. */
interface OneWayParts<
  Type extends string,
  Data extends z.ZodType,
  Older extends { readonly data: z.ZodType },
  Example,
> {
  readonly type: Type;
  readonly data: Data;
  readonly key?: (data: Received<Data>) => string;
  readonly upcast?: Upcast<Older, Data>;
  readonly examples?: Readonly<Record<string, DataExample<Example>>>;
}

/** What `defineEvent` is given. An example is what consumers get. */
export type EventDefinition<
  Type extends string = string,
  Data extends z.ZodType = z.ZodType,
  Older extends EventMessage = EventMessage,
> = Stated<EventMessage> & OneWayParts<Type, Data, Older, Received<Data>>;

/** What `defineCommand` is given. An example is what is sent. */
export type CommandDefinition<
  Type extends string = string,
  Data extends z.ZodType = z.ZodType,
  Older extends CommandMessage = CommandMessage,
> = Stated<CommandMessage> & OneWayParts<Type, Data, Older, Sent<Data>>;

/** What `defineQuery` is given. */
export interface QueryDefinition<
  Type extends string = string,
  Request extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
> extends Stated<QueryMessage> {
  readonly type: Type;
  readonly request: Request;
  readonly reply: Reply;
  readonly examples?: Readonly<Record<string, QueryExample<Sent<Request>, Received<Reply>>>>;
}
