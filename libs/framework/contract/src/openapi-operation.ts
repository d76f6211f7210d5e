import * as z from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiResponseObject } from 'zod-openapi';
import { errorResponses } from './openapi-errors.ts';
import { namedExamples } from './openapi-examples.ts';
import type { Operation } from './operation.ts';
import { pathParameters } from './path.ts';

/** What every answer carries. */
export const commonHeaders = { 'x-request-id': { $ref: '#/components/headers/RequestId' } };

/** Describes an operation for `zod-openapi`, which turns its schemas into JSON Schema. */
export function describeOperation(operation: Operation): ZodOpenApiOperationObject {
  const { id, summary, description, tags, deprecated, body, idempotencyKey } = operation;
  const examples = namedExamples(operation, 'body');
  return {
    operationId: id,
    summary,
    ...(description && { description }),
    ...(tags && { tags: [...tags] }),
    ...(deprecated && { deprecated }),
    requestParams: requestParams(operation),
    ...(idempotencyKey && { parameters: [idempotencyKeyHeader(idempotencyKey)] }),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body, ...examples } } } }),
    responses: {
      [operation.success.status]: successResponse(operation),
      ...errorResponses(operation, commonHeaders),
    },
  };
}

function requestParams({ path, params, query, headers }: Operation): ZodOpenApiOperationObject['requestParams'] {
  const plain = z.object(Object.fromEntries(pathParameters(path).map((name) => [name, z.string()])));
  return {
    path: (params ?? plain) as z.ZodObject,
    ...(query && { query: query as z.ZodObject }),
    ...(headers && { header: headers as z.ZodObject }),
  };
}

function successResponse(operation: Operation): ZodOpenApiResponseObject {
  const { status, description, body, headers = {} } = operation.success;
  const location: Record<string, string> = status === 201 ? { location: 'Where the new thing is found.' } : {};
  const stated = Object.entries({ ...location, ...headers });
  const examples = namedExamples(operation, 'success');
  return {
    description,
    headers: {
      ...commonHeaders,
      ...Object.fromEntries(stated.map(([name, text]) => [name, { description: text, schema: { type: 'string' } }])),
    },
    ...(body && { content: { 'application/json': { schema: body, ...examples } } }),
  };
}

/** @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ */
function idempotencyKeyHeader(use: 'optional' | 'required') {
  return {
    name: 'Idempotency-Key',
    in: 'header' as const,
    required: use === 'required',
    description:
      'A new key for each thing to do, such as a UUID. The same key with the same body gets the same answer, and the thing is done once.',
    schema: { type: 'string' as const, minLength: 1, maxLength: 255 },
  };
}
