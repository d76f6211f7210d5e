import type { Code } from '@org/errors';
import type * as z from 'zod';
import type { ServerSentEvent, StreamContent, StreamRule, Upload, UploadContent, UploadRule } from './content.ts';
import type { Deprecation } from './deprecation.ts';
import type { PathParameter } from './path.ts';
import type { SecurityRequirement } from './security.ts';

/** The methods that an operation can have. GET answers HEAD too, and OPTIONS is answered for every path. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The parts of one exchange. */
interface ExchangeTypes {
  readonly params: unknown;
  readonly query: unknown;
  readonly headers: unknown;
  readonly body: unknown;
  readonly success: unknown;
}

/**
 * What the parts of one exchange are to a handler: it gets the outputs of the schemas of the request, and gives the input
 * of that of the success. `client` has the other sides of the same schemas.
 */
export interface OperationTypes extends ExchangeTypes {
  readonly client: ExchangeTypes;
}

/** How a part of the request looks to the one who sends it, and to the one who handles it. */
export type Sent<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined;
export type Received<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** The body of a request as a handler gets it, and as a client gives it. */
export type ReceivedBody<Body, Uploaded> = Uploaded extends UploadRule ? Upload : Received<Body>;
export type SentBody<Body, Uploaded> = Uploaded extends UploadRule ? UploadContent : Sent<Body>;

/** The schema of the params when an operation states none: a string for each name in the path. */
export type PlainParams<Path extends string> = z.ZodObject<{ [Name in PathParameter<Path>]: z.ZodString }>;

/** The body of a success as a handler gives it, and as a client gets it. */
export type Given<Answer, Streamed, Event> = Event extends z.ZodType
  ? AsyncIterable<ServerSentEvent<z.input<Event>>>
  : Streamed extends StreamRule
    ? StreamContent
    : Sent<Answer>;
export type Gotten<Answer, Streamed, Event> = Event extends z.ZodType
  ? AsyncIterable<ServerSentEvent<z.output<Event>>>
  : Streamed extends StreamRule
    ? AsyncIterable<Uint8Array>
    : Received<Answer>;

/** What a client gets when all went well. It has one of `body`, `stream` and `events`, or none. */
export interface Success<
  Schema = z.ZodType | undefined,
  Streamed = StreamRule | undefined,
  Event = z.ZodType | undefined,
> {
  /** From 200 to 399. */
  readonly status: number;
  readonly description: string;
  /**
   * The body of the answer. What a handler gives goes through this schema on its way out: what is not declared is left
   * out, what is missing fails with 500. It must not be asynchronous.
   */
  readonly body?: Schema;
  /** The body is a stream of bytes in a media type, which no schema holds. */
  readonly stream?: Streamed;
  /** The body is `text/event-stream`: the `data` of each event is JSON, and goes through this schema. */
  readonly events?: Event;
  /** The headers of the answer by their lower-case names, each with one sentence; `location` of a 201 is there by itself. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One exchange for the document, and for the first request that a newcomer makes. All parts are optional. */
export interface OperationExample<
  Params = unknown,
  Query = unknown,
  Headers = unknown,
  Body = unknown,
  Answer = unknown,
> {
  readonly summary?: string;
  readonly params?: Params;
  readonly query?: Query;
  readonly headers?: Headers;
  readonly body?: Body;
  readonly success?: Answer;
}

/** One thing that a client can ask for: a method and a path, what goes in, what comes out. Plain data. */
export interface Operation<Types extends OperationTypes = OperationTypes, Id extends string = string> {
  /** Unique in the contract, a camelCase name: `placeOrder`. */
  readonly id: Id;
  readonly method: Method;
  /** Segments and `:name`s: `/orders/:id`. */
  readonly path: string;
  /** One line. */
  readonly summary: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly params?: z.ZodType<Types['params'], Types['client']['params']>;
  readonly query?: z.ZodType<Types['query'], Types['client']['query']>;
  /** By lower-case names. */
  readonly headers?: z.ZodType<Types['headers'], Types['client']['headers']>;
  /** The JSON body. It must not be asynchronous, as the other schemas. */
  readonly body?: z.ZodType<Types['body'], Types['client']['body']>;
  /** In place of `body`: the body is not JSON, and arrives as a stream. */
  readonly upload?: UploadRule;
  readonly success: Success<z.ZodType<Types['client']['success'], Types['success']> | undefined>;
  /** What can go wrong besides what every operation has: an input that does not fit, and failures of the service. */
  readonly errors?: readonly Code[];
  /** Whether the header `Idempotency-Key` makes it safe to send the request again. */
  readonly idempotencyKey?: 'optional' | 'required';
  /** Of which a caller needs one, in place of what the contract says. `[]`: anybody may call. */
  readonly security?: readonly SecurityRequirement[];
  /** Its days are in the headers `Deprecation` and `Sunset` of every answer; `true` is in the document alone. */
  readonly deprecated?: boolean | Deprecation;
  /** By name. */
  readonly examples?: Readonly<Record<string, OperationExample>>;
}

/** What `defineOperation` is given: an operation whose schemas are told apart. */
export interface OperationDefinition<
  Id extends string,
  Path extends string,
  Params extends z.ZodObject,
  Query extends z.ZodObject | undefined,
  Headers extends z.ZodObject | undefined,
  Body extends z.ZodType | undefined,
  Uploaded extends UploadRule | undefined,
  Answer extends z.ZodType | undefined,
  Streamed extends StreamRule | undefined,
  Event extends z.ZodType | undefined,
> extends Omit<Operation, 'id' | 'path' | 'params' | 'query' | 'headers' | 'body' | 'upload' | 'success' | 'examples'> {
  readonly id: Id;
  readonly path: Path;
  /** Its keys are the names in the path. Default: a string each. */
  readonly params?: Params;
  readonly query?: Query;
  readonly headers?: Headers;
  readonly body?: Body;
  readonly upload?: Uploaded;
  readonly success: Success<Answer, Streamed, Event>;
  readonly examples?: Readonly<
    Record<string, OperationExample<Sent<Params>, Sent<Query>, Sent<Headers>, Sent<Body>, Received<Answer>>>
  >;
}
