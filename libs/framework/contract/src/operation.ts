import type { Code } from '@org/errors';
import type * as z from 'zod';
import type { PathParameter } from './path.ts';

/** The methods that an operation can have. GET answers HEAD too, and OPTIONS is answered for every path. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What the parts of one exchange are, once they are checked. */
export interface OperationTypes {
  readonly params: unknown;
  readonly query: unknown;
  readonly headers: unknown;
  readonly body: unknown;
  /** What a handler gives: the input of the success schema. */
  readonly success: unknown;
}

/** How a part of the request looks to the one who sends it, and to the one who handles it. */
export type Sent<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined;
export type Received<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** The schema of the params when an operation states none: a string for each name in the path. */
export type PlainParams<Path extends string> = z.ZodObject<{ [Name in PathParameter<Path>]: z.ZodString }>;

/** What a client gets when all went well. */
export interface Success<Schema = z.ZodType | undefined> {
  /** From 200 to 399. */
  readonly status: number;
  readonly description: string;
  /**
   * The body of the answer. What a handler gives goes through this schema on its way out: what is not declared is left
   * out, what is missing fails with 500. It must not be asynchronous.
   */
  readonly body?: Schema;
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
export interface Operation<Types extends OperationTypes = OperationTypes> {
  /** Unique in the contract, a camelCase name: `placeOrder`. */
  readonly id: string;
  readonly method: Method;
  /** Segments and `:name`s: `/orders/:id`. */
  readonly path: string;
  /** One line. */
  readonly summary: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly params?: z.ZodType<Types['params']>;
  readonly query?: z.ZodType<Types['query']>;
  /** By lower-case names. */
  readonly headers?: z.ZodType<Types['headers']>;
  /** The JSON body. It must not be asynchronous, as the other schemas. */
  readonly body?: z.ZodType<Types['body']>;
  readonly success: Success<z.ZodType<unknown, Types['success']> | undefined>;
  /** What can go wrong besides what every operation has: an input that does not fit, and failures of the service. */
  readonly errors?: readonly Code[];
  /** Whether the header `Idempotency-Key` makes it safe to send the request again. */
  readonly idempotencyKey?: 'optional' | 'required';
  readonly deprecated?: boolean;
  /** By name. */
  readonly examples?: Readonly<Record<string, OperationExample>>;
}

/** What `defineOperation` is given: an operation whose schemas are told apart. */
export interface OperationDefinition<
  Path extends string,
  Params extends z.ZodObject,
  Query extends z.ZodObject | undefined,
  Headers extends z.ZodObject | undefined,
  Body extends z.ZodType | undefined,
  Answer extends z.ZodType | undefined,
> extends Omit<Operation, 'path' | 'params' | 'query' | 'headers' | 'body' | 'success' | 'examples'> {
  readonly path: Path;
  /** Its keys are the names in the path. Default: a string each. */
  readonly params?: Params;
  readonly query?: Query;
  readonly headers?: Headers;
  readonly body?: Body;
  readonly success: Success<Answer>;
  readonly examples?: Readonly<
    Record<string, OperationExample<Sent<Params>, Sent<Query>, Sent<Headers>, Sent<Body>, Received<Answer>>>
  >;
}
