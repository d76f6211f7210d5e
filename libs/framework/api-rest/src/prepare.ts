import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Operation } from '@org/contract';
import { ServiceError, type ServiceErrorOptions } from '@org/errors';
import { pointerTo } from './input.ts';
import { Reply } from './reply.ts';
import type { Prepared } from './send.ts';

/** What a handler may not set, since the server alone knows it. */
const ownHeaders = new Set(['content-type', 'content-length', 'transfer-encoding', 'connection', 'x-request-id']);

const noHeaders = Object.freeze({});

function plain(body: unknown): Reply {
  return { status: undefined, headers: noHeaders, body };
}

/**
 * Makes the answer of what a handler gave, and holds it to the contract: the body goes through the success schema, so
 * that nothing leaves which the contract does not name.
 *
 * @throws {ServiceError} internal, RESPONSE_INVALID, when the handler breaks its promise.
 */
export function prepareAnswer(operation: Operation, given: unknown): Prepared {
  const { success } = operation;
  const { status = success.status, headers, body } = given instanceof Reply ? (given as Reply) : plain(given);
  if (!(Number.isInteger(status) && status >= 200 && status < 400)) {
    throw broken(operation, `replied with the status ${status}, which is no success. Throw a ServiceError instead`);
  }
  checkHeaders(operation, headers);
  if (status === 201 && !Object.keys(headers).some((name) => name.toLowerCase() === 'location')) {
    throw broken(operation, 'answered 201 without saying where the thing is. Use `created(location, body)`');
  }
  return { status, headers, text: textOf(operation, status, body) };
}

function checkHeaders(operation: Operation, headers: Reply['headers']): void {
  for (const [name, value] of Object.entries(headers)) {
    if (ownHeaders.has(name.toLowerCase())) throw broken(operation, `set the header ${name}, which is the server's`);
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch (cause) {
      throw broken(operation, `set the header ${JSON.stringify(name)}, which is not well-formed`, { cause });
    }
  }
}

function textOf(operation: Operation, status: number, body: unknown): string | undefined {
  const { success } = operation;
  if (!success.body || (body === undefined && status !== success.status)) {
    if (body === undefined) return undefined;
    throw broken(operation, 'gave a body where the contract has none');
  }
  const { success: fits, data, error } = success.body.safeParse(body);
  if (fits) return JSON.stringify(data);
  const violations = error.issues.map(({ path, message }) => ({ pointer: pointerTo(path), detail: message }));
  throw broken(operation, 'gave a body that does not fit the contract', { details: { violations } });
}

/** The handler did not keep the contract: a fault of the service, whose text only the log has. */
export function broken({ id }: Operation, what: string, options: ServiceErrorOptions = {}): ServiceError {
  return new ServiceError('internal', `The handler of ${id} ${what}`, { reason: 'RESPONSE_INVALID', ...options });
}
