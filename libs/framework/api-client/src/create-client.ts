import type { Contract, Operation } from '@org/contract';
import { ServiceError } from '@org/errors';
import {
  blamesServer,
  createResilience,
  isRetryable,
  type BreakerOptions,
  type BulkheadOptions,
  type RetryOptions,
} from '@org/resilience';
import { withCircuit } from './client-health.ts';
import type { Answer, CallOptions, Client } from './client.ts';
import type { Credentials } from './credentials.ts';
import type { PlainInput } from './encode-request.ts';
import { createObserve } from './observe.ts';
import { prepareCall } from './prepare-call.ts';
import { sendAttempt, type Transport } from './send-attempt.ts';
import type { ClientSettings } from './settings.ts';

export interface ClientOptions {
  /** What the service is called in errors and metrics. Default: the contract's name. */
  readonly name?: string;
  readonly credentials?: Credentials;
  /** How long one attempt may take, in milliseconds. Default: as long as the call. */
  readonly attemptTimeoutMs?: number;
  /** Retries of what may be done twice. `false`: none. Default: those of `@org/resilience`. */
  readonly retry?: Omit<RetryOptions, 'when'> | false;
  /** Default: that of `@org/resilience`. */
  readonly breaker?: Omit<BreakerOptions, 'when'> | false;
  /** Default: that of `@org/resilience`: 100 calls at once, 100 more wait. */
  readonly bulkhead?: BulkheadOptions | false;
  /** The most that the body of an answer, or one event of a stream, may have without its compression. Default: 10 MiB. */
  readonly maximumBodyBytes?: number;
  /** How long a stream may have nothing, and may be unread at first, in milliseconds. Default: 60 000. */
  readonly streamIdleMs?: number;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
}

/**
 * Makes a client of the service that keeps a contract. It holds nothing that must be closed. Make it once for a service
 * and after telemetry has started, as in a service's `start`.
 *
 * @throws {TypeError} for a base URL that has more than origin and path; {RangeError} for options out of their limits.
 * @example
 * const orders = createClient(contract, settings.orders);
 * const order = await orders.getOrder({ params: { id } });
 */
export function createClient<const OfContract extends Contract>(
  contract: OfContract,
  { url, timeoutMs }: ClientSettings,
  options: ClientOptions = {},
): Client<OfContract> {
  const {
    name = contract.name,
    maximumBodyBytes = 10 * 1024 * 1024,
    retry = {},
    breaker = {},
    bulkhead = {},
  } = options;
  const { streamIdleMs = 60_000 } = options;
  if (!(streamIdleMs >= 1 && streamIdleMs < 2 ** 31)) {
    throw new RangeError(`Expected \`streamIdleMs\` to be a number from 1 to 2147483647, got \`${streamIdleMs}\``);
  }
  if (!(maximumBodyBytes >= 0)) {
    throw new RangeError(`Expected \`maximumBodyBytes\` to be a number from 0 up, got \`${maximumBodyBytes}\``);
  }
  const base = baseOf(url);
  const resilience = createResilience({
    name,
    timeoutMs,
    ...(options.attemptTimeoutMs !== undefined && { attemptTimeoutMs: options.attemptTimeoutMs }),
    ...(retry && { retry: { ...retry, when: isWorthRetrying } }),
    ...(breaker && { breaker: { ...breaker, when: isFailure } }),
    ...(bulkhead && { bulkhead }),
  });
  const transport: Transport = {
    service: name,
    origin: base.origin,
    fetch: options.fetch ?? ((...request) => fetch(...request)),
    observe: createObserve(base),
    credentials: options.credentials,
    maximumBodyBytes,
    streamIdleMs,
  };
  const prefix = base.href.replace(/\/$/, '');

  const answer = async (operation: Operation, input: PlainInput = {}, call: CallOptions = {}): Promise<Answer> => {
    const prepared = prepareCall(prefix, operation, input, call);
    const { signal, timeoutMs: ownTimeoutMs } = call;
    const attempt = (attemptSignal: AbortSignal, number: number) =>
      sendAttempt(transport, prepared, attemptSignal, number);
    const run = {
      retry: prepared.repeatable,
      ...(signal && { signal }),
      ...(ownTimeoutMs !== undefined && { timeoutMs: ownTimeoutMs }),
    };
    return resilience.run(attempt, run).catch((thrown: unknown) => {
      throw isOwnDeadline(thrown, name) ? tookTooLong(operation, name, base, thrown) : thrown;
    });
  };
  const functionOf = (operation: Operation) =>
    Object.assign(async (input?: PlainInput, call?: CallOptions) => (await answer(operation, input, call)).body, {
      answer: (input?: PlainInput, call?: CallOptions) => answer(operation, input, call),
    });
  const functions = contract.operations.map((operation) => [operation.id, functionOf(operation)] as const);
  return withCircuit(Object.fromEntries(functions), resilience) as unknown as Client<OfContract>;
}

function isWorthRetrying(error: ServiceError): boolean {
  // An attempt that took too long may still be at work on the other side: its answer comes with the same key.
  return isRetryable(error) || error.reason === 'IDEMPOTENCY_KEY_IN_USE';
}

/** A service that answers with what its contract does not promise is up, and so is one that got half an upload. */
function isFailure(error: ServiceError): boolean {
  return blamesServer(error) && !/^(ANSWER_|UPLOAD_)/.test(error.reason ?? '');
}

/** Whether the time was over here, and not on the other side. */
function isOwnDeadline(thrown: unknown, name: string): thrown is ServiceError {
  if (!(thrown instanceof ServiceError) || thrown.code !== 'deadline_exceeded') return false;
  return !thrown.message.startsWith(`${name} answered`);
}

/** What was called, which whoever watches the time does not know. */
function tookTooLong({ id }: Operation, name: string, { origin }: URL, cause: ServiceError): ServiceError {
  const { code, message, reason, details } = cause;
  const options = { cause, ...(reason !== undefined && { reason }), ...(details && { details }) };
  return new ServiceError(code, `Cannot call \`${id}\` of ${name} at ${origin}: ${message}`, options);
}

function baseOf(url: string): URL {
  const base = URL.parse(url);
  if (base && /^https?:$/.test(base.protocol) && !(base.username || base.password || base.search || base.hash)) {
    return base;
  }
  // It is not shown: what should not be in it may be a password.
  throw new TypeError('Expected `url` to be a URL with http or https, host and path alone, got something else');
}
