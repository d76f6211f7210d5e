import { acceptsJson } from './accept.ts';
import { readJson } from './body.ts';
import type { RestExchange } from './exchange.ts';
import { runOnce, type IdempotencyStore } from './idempotency.ts';
import type { Route } from './implement.ts';
import { checkInput } from './input.ts';
import { prepareAnswer } from './prepare.ts';
import { refuse } from './refusal.ts';
import type { Entry } from './router.ts';
import { send, type Prepared } from './send.ts';

/** Makes the entry in the table of routes that serves an operation. */
export function operationEntry(
  { operation, handler }: Route,
  { bodyLimit, idempotency }: { bodyLimit: number; idempotency: IdempotencyStore },
): Entry {
  const { method, path, idempotencyKey } = operation;
  const answersJson = operation.success.body !== undefined;
  const takesBody = operation.body !== undefined;

  async function work(exchange: RestExchange, body: unknown): Promise<Prepared | undefined> {
    const given = await handler(checkInput(operation, exchange, body), exchange);
    return exchange.answeredElsewhere ? undefined : prepareAnswer(operation, given);
  }

  return {
    method,
    path,
    async serve(exchange) {
      if (answersJson && !acceptsJson(exchange.request.headers.accept)) throw refuse('NOT_ACCEPTABLE');
      const body = takesBody ? await readJson(exchange.request, bodyLimit) : undefined;
      const prepared = idempotencyKey
        ? await runOnce(idempotency, operation, exchange, body, () => work(exchange, body))
        : await work(exchange, body);
      if (!prepared) exchange.logger.warn({ operation: operation.id }, 'The handler answered through the raw response');
      // The time may be over, or the client gone, while the work went on.
      else if (!exchange.over) send(exchange, prepared, 'application/json');
    },
  };
}
