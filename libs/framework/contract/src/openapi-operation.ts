import * as z from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiResponseObject } from 'zod-openapi';
import type { Contract } from './contract.ts';
import { describeDeprecation } from './deprecation.ts';
import { requestContent, successContent } from './openapi-content.ts';
import { errorResponses } from './openapi-errors.ts';
import type { Operation } from './operation.ts';
import { pathParameters } from './path.ts';
import { securityOf } from './security.ts';

/** What every answer carries. */
export const commonHeaders = { 'x-request-id': { $ref: '#/components/headers/RequestId' } };

/** Describes an operation for `zod-openapi`, which turns its schemas into JSON Schema. */
export function describeOperation(contract: Contract, operation: Operation): ZodOpenApiOperationObject {
  const { id, summary, tags, idempotencyKey, security } = operation;
  const content = requestContent(operation);
  const secured = securityOf(contract, operation).length > 0;
  return {
    operationId: id,
    summary,
    ...descriptionOf(operation),
    ...(tags && { tags: [...tags] }),
    ...(security && { security: security as ZodOpenApiOperationObject['security'] & object }),
    requestParams: requestParams(operation),
    ...(idempotencyKey && { parameters: [idempotencyKeyHeader(idempotencyKey)] }),
    ...(content && { requestBody: { required: true, content } }),
    responses: {
      [operation.success.status]: successResponse(operation),
      ...errorResponses(operation, { secured, headers: commonHeaders }),
    },
  };
}

function descriptionOf({ description, deprecated }: Operation): Partial<ZodOpenApiOperationObject> {
  if (typeof deprecated !== 'object') return { ...(description && { description }), ...(deprecated && { deprecated }) };
  const text = [description, describeDeprecation(deprecated)].filter((each) => each !== undefined).join('\n\n');
  const { sunset } = deprecated;
  return { description: text, deprecated: true, ...(sunset !== undefined && { 'x-sunset': sunset }) };
}

function requestParams({ path, params, query, headers }: Operation): ZodOpenApiOperationObject['requestParams'] {
  const plain: z.ZodObject = z.object(Object.fromEntries(pathParameters(path).map((name) => [name, z.string()])));
  return {
    path: (params as z.ZodObject | undefined) ?? plain,
    ...(query && { query: query as z.ZodObject }),
    ...(headers && { header: headers as z.ZodObject }),
  };
}

function successResponse(operation: Operation): ZodOpenApiResponseObject {
  const { status, description, headers = {} } = operation.success;
  const location: Record<string, string> = status === 201 ? { location: 'Where the new thing is found.' } : {};
  const stated = Object.entries({ ...location, ...headers });
  const content = successContent(operation);
  return {
    description,
    headers: {
      ...commonHeaders,
      ...Object.fromEntries(stated.map(([name, text]) => [name, { description: text, schema: { type: 'string' } }])),
    },
    ...(content && { content }),
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
