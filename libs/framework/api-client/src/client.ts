import type { Contract, Operation, OperationTypes } from '@org/contract';

/** One part of the input: not there when the operation has none, optional when nothing in it is needed. */
type Part<Name extends string, Value> = [Value] extends [undefined | Record<string, never>]
  ? unknown
  : Record<never, never> extends Value
    ? { readonly [Key in Name]?: Value }
    : { readonly [Key in Name]: Value };

/** What an operation is called with: `{ params, query, headers, body }` as its schemas take them. */
export type CallInput<Types extends OperationTypes> = Part<'params', Types['client']['params']> &
  Part<'query', Types['client']['query']> &
  Part<'headers', Types['client']['headers']> &
  Part<'body', Types['client']['body']>;

export interface CallOptions {
  /** Ends the call at once. */
  readonly signal?: AbortSignal;
  /** A shorter time than the client's, for all attempts together, in milliseconds. */
  readonly timeoutMs?: number;
  /** Default: a random UUID for each call of an operation that takes one. */
  readonly idempotencyKey?: string;
  /** More headers to send. Those of the client itself win. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer with what is around its body. */
export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** What follows the operation in a call: the input may be left out when nothing in it is needed. */
type Arguments<Input> =
  Record<never, never> extends Input ? [input?: Input, options?: CallOptions] : [input: Input, options?: CallOptions];

/** One operation as a function. */
export interface ClientOperation<Types extends OperationTypes> {
  /**
   * Calls the operation and gives the body of its success.
   *
   * @throws {ServiceError} what the service answered with, rebuilt; see the README for the client's own.
   */
  (...call: Arguments<CallInput<Types>>): Promise<Types['client']['success']>;
  /** The same with status and headers, such as `etag` or `location`. */
  answer(...call: Arguments<CallInput<Types>>): Promise<Answer<Types['client']['success']>>;
}

/** A function for each operation of a contract, by its id. */
export type Client<OfContract extends Contract> = {
  readonly [Each in OfContract['operations'][number] as Each['id']]: ClientOperation<TypesOf<Each>>;
};

/** The types that an operation was defined with. */
export type TypesOf<Each> = Each extends Operation<infer Types> ? Types : never;
