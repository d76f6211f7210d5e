import { parse as parseQuery } from 'node:querystring';
import type { Operation } from '@org/contract';
import { ServiceError, type Violation } from '@org/errors';
import type * as z from 'zod';
import type { RestExchange } from './exchange.ts';
import type { Input } from './implement.ts';

/** A violation with the part of the request that it is in. */
export interface RequestViolation extends Violation {
  readonly in: 'path' | 'query' | 'header' | 'body';
}

/**
 * Puts the parts of a request through the operation's schemas.
 *
 * @throws {ServiceError} invalid_argument, REQUEST_INVALID, with every place that does not fit.
 */
export function checkInput(operation: Operation, { match, request }: RestExchange, body: unknown): Input {
  const violations: RequestViolation[] = [];
  const { params, query, headers } = operation;
  const input: Input = {
    params: params ? check(params, match.params, 'path', violations) : match.params,
    query: query && check(query, parseQuery(match.query), 'query', violations),
    headers: headers && check(headers, request.headers, 'header', violations),
    body: operation.body && check(operation.body, body, 'body', violations),
  };
  if (violations.length === 0) return input;
  const places = violations.map((violation) => `${violation.in}${violation.pointer}`);
  const shown = `${places.slice(0, 3).join(', ')}${places.length > 3 ? ` and ${places.length - 3} more` : ''}`;
  const message = `The request does not fit the operation ${operation.id} at ${shown}. See \`errors\``;
  throw new ServiceError('invalid_argument', message, { reason: 'REQUEST_INVALID', details: { violations } });
}

function check(schema: z.ZodType, value: unknown, part: RequestViolation['in'], into: RequestViolation[]): unknown {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  for (const issue of error.issues) into.push(...violationsOf(issue, part));
  return undefined;
}

function violationsOf(issue: z.core.$ZodIssue, part: RequestViolation['in']): RequestViolation[] {
  // One issue names all unknown keys of an object; each is a place of its own.
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ in: part, pointer: pointerTo([...issue.path, key]), detail: 'Unknown key' }));
  }
  return [{ in: part, pointer: pointerTo(issue.path), detail: issue.message }];
}

/** RFC 6901 section 3. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
