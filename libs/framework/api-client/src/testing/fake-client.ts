import type { Contract, OperationTypes } from '@org/contract';
import type { Client, TypesOf } from '../client.ts';
import { createClient } from '../create-client.ts';
import { createFakeFetch } from './fake-fetch.ts';

/** What a handler of a fake may ask about the call. */
export interface FakeExchange {
  /** Aborts when the caller is gone or has no more time. */
  readonly signal: AbortSignal;
  /** What was sent, by lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** What to answer with besides the body, such as `location`. */
  readonly answerHeaders: Headers;
}

/** The input of a handler: what the schemas make of what was sent. */
type FakeInput<Types extends OperationTypes> = Pick<Types, 'params' | 'query' | 'headers' | 'body'>;

/** What answers in the service's stead: a function for each operation, or for some of them. */
export type FakeHandlers<OfContract extends Contract> = {
  readonly [Each in OfContract['operations'][number] as Each['id']]?: (
    input: FakeInput<TypesOf<Each>>,
    exchange: FakeExchange,
  ) => TypesOf<Each>['success'] | Promise<TypesOf<Each>['success']>;
};

/** One call that arrived. */
export interface FakeCall {
  readonly operation: string;
  /** What the handler was given; as it was sent when it does not fit the schemas. */
  readonly input: FakeInput<OperationTypes>;
  readonly headers: Readonly<Record<string, string>>;
}

export interface FakeClient<OfContract extends Contract> {
  readonly client: Client<OfContract>;
  /** The calls so far, the first 10 000 of them. */
  readonly calls: readonly FakeCall[];
}

/**
 * Makes a client that asks nobody: handlers answer, or else the examples of the contract. It is the real client in all
 * but the network: what is sent and answered is encoded, checked by the schemas, and decoded; what a handler throws
 * travels as a problem document. Each call is made once, without retries, circuit breaker and bulkhead.
 *
 * @throws {ServiceError} from a call, `unimplemented` when there is neither handler nor example; `internal`,
 *   RESPONSE_INVALID, when a handler gives what its operation does not promise.
 * @example
 * const { client, calls } = fakeClient(contract, { getOrder: ({ params }) => ({ ...exampleOrder, id: params.id }) });
 */
export function fakeClient<const OfContract extends Contract>(
  contract: OfContract,
  handlers: NoInfer<FakeHandlers<OfContract>> = {},
): FakeClient<OfContract> {
  const calls: FakeCall[] = [];
  const client = createClient(
    contract,
    { url: 'http://fake', timeoutMs: 10_000 },
    { retry: false, breaker: false, bulkhead: false, fetch: createFakeFetch(contract, handlers, calls) },
  );
  return { client, calls };
}
