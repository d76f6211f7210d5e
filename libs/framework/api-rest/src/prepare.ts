import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Operation } from '@org/contract';
import { ServiceError, type ServiceErrorOptions } from '@org/errors';
import { isEntityTag } from './conditional.ts';
import { pointerTo } from './input.ts';
import { isPlainCheck } from './plain-check.ts';
import { Reply, noHeaders } from './reply.ts';
import type { Prepared } from './send.ts';

/** What a handler may not set, since the server alone knows it. */
const ownHeaders = new Set(['content-type', 'content-length', 'transfer-encoding', 'connection', 'x-request-id']);

/** Makes the answer of what a handler gave. */
export type Prepare = (given: unknown) => Prepared;

/**
 * Makes what holds handlers to their contract: the body goes through the success schema, so that nothing leaves which the
 * contract does not name. `ratio` is the part of the answers that are checked, from 0 to 1; the others leave as the handler
 * gave them, what is not declared included. A schema that changes what it checks is always applied.
 *
 * What is made throws a `ServiceError`, internal, RESPONSE_INVALID, when the handler breaks its promise.
 */
export function createPrepare(operation: Operation, ratio: number): Prepare {
  const { success } = operation;
  const schema = success.body;
  const always = ratio >= 1 || !schema || !isPlainCheck(schema);

  function textOf(status: number, body: unknown): string | undefined {
    if (body === undefined && (!schema || status !== success.status)) return undefined;
    if (!schema) throw broken(operation, 'gave a body where the contract has none');
    if (hasNoBody(status)) throw broken(operation, `gave a body with the status ${status}, which has none`);
    if (!always && Math.random() >= ratio) return stringify(operation, body);
    const { success: fits, data, error } = schema.safeParse(body);
    if (fits) return JSON.stringify(data);
    const violations = error.issues.map(({ path, message }) => ({ pointer: pointerTo(path), detail: message }));
    throw broken(operation, 'gave a body that does not fit the contract', { details: { violations } });
  }

  return (given) => {
    if (given instanceof Reply) {
      const { status, headers } = headOf(operation, given);
      return { status, headers, text: textOf(status, given.body) };
    }
    assertLocated(operation, success.status, noHeaders);
    return { status: success.status, headers: noHeaders, text: textOf(success.status, given) };
  };
}

/** Status and headers of a reply, held to the contract and to HTTP; names in lower case. */
export function headOf(
  operation: Operation,
  { status = operation.success.status, headers }: Reply,
  also?: 'content-length',
): Omit<Prepared, 'text'> {
  if (!(Number.isInteger(status) && status >= 200 && status < 400)) {
    throw broken(operation, `replied with the status ${status}, which is no success. Throw a ServiceError instead`);
  }
  const checked = headers === noHeaders ? noHeaders : checkedHeaders(operation, headers, also);
  assertLocated(operation, status, checked);
  return { status, headers: checked };
}

function checkedHeaders(operation: Operation, headers: Reply['headers'], also: string | undefined): Reply['headers'] {
  const checked: Record<string, string> = {};
  for (const given of Object.keys(headers)) {
    const name = given.toLowerCase();
    const value = headers[given]!;
    if (ownHeaders.has(name) && name !== also)
      throw broken(operation, `set the header ${given}, which is the server's`);
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch (cause) {
      throw broken(operation, `set the header ${JSON.stringify(given)}, which is not well-formed`, { cause });
    }
    if (name === 'etag' && !isEntityTag(value)) {
      throw broken(
        operation,
        `set the header etag to ${JSON.stringify(value)}, which is no entity tag. Use \`etagOf\``,
      );
    }
    if (name === 'content-length' && !/^\d{1,15}$/.test(value))
      throw broken(operation, 'set a content-length that is none');
    checked[name] = value;
  }
  return checked;
}

function assertLocated(operation: Operation, status: number, headers: Reply['headers']): void {
  if (status !== 201 || headers.location !== undefined) return;
  throw broken(operation, 'answered 201 without saying where the thing is. Use `created(location, body)`');
}

/** RFC 9110 section 15: these end with their headers. */
export function hasNoBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

function stringify(operation: Operation, body: unknown): string {
  const text = JSON.stringify(body) as string | undefined;
  if (text !== undefined) return text;
  throw broken(operation, 'gave no body, or none that JSON has');
}

/** The handler did not keep the contract: a fault of the service, whose text only the log has. */
export function broken({ id }: Operation, what: string, options: ServiceErrorOptions = {}): ServiceError {
  return new ServiceError('internal', `The handler of ${id} ${what}`, { reason: 'RESPONSE_INVALID', ...options });
}
