import { ServiceError } from '@org/errors';
import { createAccepts } from './accept.ts';
import { answerFailure } from './answer-failure.ts';
import { createAnswer, mediaTypeOf, type AnswerOptions } from './answer.ts';
import { readJson, type BodyLimits } from './body.ts';
import { deprecationHeaders } from './deprecation.ts';
import type { RestExchange } from './exchange.ts';
import { keyOf, runOnce, type IdempotencyStore } from './idempotency.ts';
import type { Route } from './implement.ts';
import { createInputCheck } from './input.ts';
import { Refusal, withoutStack } from './refusal.ts';
import type { Entry } from './router.ts';
import { createUploadReader } from './upload.ts';

export interface OperationOptions extends AnswerOptions, BodyLimits {
  readonly idempotency: IdempotencyStore;
}

type MaybePromise<Result> = Result | Promise<Result>;

/**
 * Makes the entry in the table of routes that serves an operation. Where nothing has to be waited for, it is served
 * without a promise.
 */
export function operationEntry({ operation, handler }: Route, options: OperationOptions): Entry {
  const { id, method, path, body: bodySchema, upload, success, idempotencyKey } = operation;
  const check = createInputCheck(operation);
  const answer = createAnswer(operation, options);
  const readUpload = upload && createUploadReader(upload, options.bodyLimit);
  const mediaType = mediaTypeOf(operation);
  const accepts = mediaType === undefined ? undefined : createAccepts(mediaType);
  const notAcceptable = withoutStack(() => notAcceptableFor(mediaType));

  function serve(exchange: RestExchange): MaybePromise<void> {
    if (accepts && !accepts(exchange.request.headers.accept)) throw notAcceptable;
    if (readUpload) return takeUpload(exchange, readUpload);
    if (!bodySchema) return proceed(exchange, undefined);
    const body = readJson(exchange, options);
    return body instanceof Promise ? body.then((read) => proceed(exchange, read)) : proceed(exchange, body);
  }

  function proceed(exchange: RestExchange, body: unknown): MaybePromise<void> {
    if (body instanceof Refusal) return answerFailure(exchange, body);
    return idempotencyKey ? proceedOnce(exchange, body) : work(exchange, body);
  }

  function work(exchange: RestExchange, body: unknown): MaybePromise<void> {
    const input = check(exchange, body);
    if (input instanceof ServiceError) return answerFailure(exchange, input);
    const given = handler(input, exchange);
    return isPromise(given)
      ? Promise.resolve(given).then((late) => conclude(exchange, late))
      : conclude(exchange, given);
  }

  function conclude(exchange: RestExchange, given: unknown): MaybePromise<void> {
    if (exchange.answeredElsewhere) noteElsewhere(exchange);
    else return answer.give(exchange, given);
  }

  function proceedOnce(exchange: RestExchange, body: unknown): MaybePromise<void> {
    const key = keyOf(operation, exchange);
    return key === undefined ? work(exchange, body) : workOnce(exchange, body, key);
  }

  async function workOnce(exchange: RestExchange, body: unknown, key: string): Promise<void> {
    const prepared = await runOnce(options.idempotency, { operation, exchange, body, key }, async () => {
      const input = check(exchange, body);
      if (input instanceof ServiceError) throw input;
      const given = await handler(input, exchange);
      if (exchange.answeredElsewhere) noteElsewhere(exchange);
      else return answer.prepare(given);
    });
    if (!exchange.over) await answer.deliver(exchange, prepared);
  }

  async function takeUpload(exchange: RestExchange, read: NonNullable<typeof readUpload>): Promise<void> {
    const { close, ...body } = read(exchange);
    try {
      await work(exchange, body);
    } finally {
      close();
    }
  }

  function noteElsewhere(exchange: RestExchange): void {
    exchange.logger.warn({ operation: id }, 'The handler answered through the raw response');
  }

  return {
    method,
    path,
    headers: deprecationHeaders(operation),
    unlimited: upload !== undefined || success.stream !== undefined || success.events !== undefined,
    serve,
  };
}

function notAcceptableFor(mediaType: string | undefined): Refusal {
  const name = mediaType === 'application/json' ? 'JSON' : mediaType;
  return new Refusal(406, `The answer is ${name}, which the header Accept leaves out.`, { reason: 'NOT_ACCEPTABLE' });
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
