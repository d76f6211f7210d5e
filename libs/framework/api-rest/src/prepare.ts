import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Operation } from '@org/contract';
import { isEntityTag } from './conditional.ts';
import { broken, createWriteJson } from './outgoing.ts';
import { Reply, noHeaders, type ReplyHeaders } from './reply.ts';
import type { Prepared } from './send.ts';

/** What a handler may not set, since the server alone knows it. */
const ownHeaders = new Set(['content-type', 'content-length', 'transfer-encoding', 'connection', 'x-request-id']);

/** Makes the answer of what a handler gave. */
export type Prepare = (given: unknown) => Prepared;

/**
 * Makes what holds handlers to their contract. `ratio` is the part of the bodies that is checked, from 0 to 1.
 *
 * What is made throws a `ServiceError`, internal, RESPONSE_INVALID, when the handler breaks its promise.
 */
export function createPrepare(operation: Operation, ratio: number): Prepare {
  const { success } = operation;
  const write = success.body && createWriteJson(operation, success.body, ratio, 'a body');

  function textOf(status: number, body: unknown): string | undefined {
    if (body === undefined && (!write || status !== success.status)) return undefined;
    if (!write) throw broken(operation, 'gave a body where the contract has none');
    if (hasNoBody(status)) throw broken(operation, `gave a body with the status ${status}, which has none`);
    return write(body);
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

function checkedHeaders(operation: Operation, headers: ReplyHeaders, also: string | undefined): Prepared['headers'] {
  const checked: Record<string, string> = {};
  for (const given of Object.keys(headers)) {
    const name = given.toLowerCase();
    const stated = headers[given];
    // Cookies cannot stand on one line (RFC 6265 section 3), and Node writes a list of them on as many.
    const value = (Array.isArray(stated) && name !== 'set-cookie' ? stated.join(', ') : stated) as string;
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

function assertLocated(operation: Operation, status: number, headers: Prepared['headers']): void {
  if (status !== 201 || headers.location !== undefined) return;
  throw broken(operation, 'answered 201 without saying where the thing is. Use `created(location, body)`');
}

/** RFC 9110 section 15: these end with their headers. */
export function hasNoBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}
