import { parse as parseQuery } from 'node:querystring';
import type { Operation } from '@org/contract';
import { ServiceError, pointerTo, type Violation } from '@org/errors';
import * as z from 'zod';
import type { RestExchange } from './exchange.ts';
import type { Input } from './implement.ts';
import { withoutStack } from './refusal.ts';

/** A violation with the part of the request that it is in. */
export interface RequestViolation extends Violation {
  readonly in: 'path' | 'query' | 'header' | 'body';
}

/**
 * Puts the parts of a request through the schemas of its operation. What does not fit is given back as a `ServiceError`,
 * invalid_argument, REQUEST_INVALID: to throw it would cost more than all else about it.
 */
export type CheckInput = (exchange: RestExchange, body: unknown) => Input | ServiceError;

/** Makes what checks the requests of an operation. */
export function createInputCheck(operation: Operation): CheckInput {
  const { id, params, query, headers, body: bodySchema } = operation;
  return ({ match, request }, body) => {
    const paramsResult = params && parse(params, match.params);
    const queryResult = query && parse(query, parseQuery(match.query));
    const headersResult = headers && parse(headers, request.headers);
    const bodyResult = bodySchema && parse(bodySchema, body);
    if (paramsResult?.error || queryResult?.error || headersResult?.error || bodyResult?.error) {
      return invalid(id, { path: paramsResult, query: queryResult, header: headersResult, body: bodyResult });
    }
    return {
      params: paramsResult ? paramsResult.data : match.params,
      query: queryResult?.data,
      headers: headersResult?.data,
      body: bodyResult ? bodyResult.data : body,
    };
  };
}

/** What does not fit, without the stack that an error of zod's own has: to find it out costs more than the check. */
class Misfit {
  readonly issues: readonly z.core.$ZodIssue[];

  constructor(issues: readonly z.core.$ZodIssue[]) {
    this.issues = issues;
  }
}

type Result =
  { readonly data: unknown; readonly error?: undefined } | { readonly data?: undefined; readonly error: Misfit };

const parse = z.core._safeParse(Misfit as never) as unknown as (schema: z.ZodType, value: unknown) => Result;

type Results = Record<RequestViolation['in'], Result | undefined>;

// A hostile request can be wrong in very many places, which have very long names.
/** The most places that are told, and their most characters in all. */
const mostPlaces = 100;
const mostCharacters = 8_000;

function invalid(id: string, results: Results): ServiceError {
  const violations: RequestViolation[] = [];
  let count = 0;
  let characters = 0;
  for (const part of ['path', 'query', 'header', 'body'] as const) {
    for (const issue of results[part]?.error?.issues ?? []) {
      // One issue names all unknown keys of an object; each is a place of its own.
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
      count += keys.length;
      for (const key of keys.slice(0, mostPlaces - violations.length)) {
        const pointer = key === undefined ? pointerTo(issue.path) : pointerTo([...issue.path, key]);
        characters += pointer.length;
        if (characters > mostCharacters && violations.length > 0) break;
        violations.push({ in: part, pointer, detail: key === undefined ? issue.message : 'Unknown key' });
      }
    }
  }
  const shown = violations.slice(0, 3).map((violation) => `${violation.in}${violation.pointer}`);
  const more = count > shown.length ? ` and ${count - shown.length} more` : '';
  const message = `The request does not fit the operation ${id} at ${shown.join(', ')}${more}. See \`errors\``;
  return withoutStack(
    () => new ServiceError('invalid_argument', message, { reason: 'REQUEST_INVALID', details: { violations } }),
  );
}
