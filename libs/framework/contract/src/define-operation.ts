import { isCode } from '@org/errors';
import type * as z from 'zod';
import type { Operation, OperationDefinition, PlainParams, Received, Sent } from './operation.ts';
import { assertPath, pathParameters } from './path.ts';

/**
 * States one operation of a contract. The schemas decide the types of the handler that implements it.
 *
 * @throws {TypeError} when the parts contradict each other: names in the path that the params schema does not have, a
 *   body where HTTP has none, an upper-case header.
 * @example
 * const getOrder = defineOperation({
 *   id: 'getOrder', method: 'GET', path: '/orders/:id', summary: 'One order',
 *   success: { status: 200, description: 'The order', body: order }, errors: ['not_found'],
 * });
 */
export function defineOperation<
  const Path extends string,
  Params extends z.ZodObject = PlainParams<Path>,
  Query extends z.ZodObject | undefined = undefined,
  Headers extends z.ZodObject | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Answer extends z.ZodType | undefined = undefined,
>(
  definition: OperationDefinition<Path, Params, Query, Headers, Body, Answer>,
): Operation<{
  params: Received<Params>;
  query: Received<Query>;
  headers: Received<Headers>;
  body: Received<Body>;
  success: Sent<Answer>;
}> {
  const fault = faultOf(definition);
  if (fault) throw new TypeError(`${fault} in the operation \`${definition.id}\``);
  // The schemas are those of `definition`; only their types are written in another way.
  return definition as ReturnType<typeof defineOperation<Path, Params, Query, Headers, Body, Answer>>;
}

type Definition = Omit<Operation, 'params' | 'headers'> & {
  readonly params?: z.ZodObject;
  readonly headers?: z.ZodObject | undefined;
};

function faultOf(operation: Definition): string | undefined {
  assertPath(operation.path);
  if (!/^[a-z]\w*$/.test(operation.id)) return 'Expected `id` to be a camelCase name';
  return faultOfParams(operation) ?? faultOfHeaders(operation) ?? faultOfBodies(operation) ?? faultOfErrors(operation);
}

function faultOfParams({ path, params }: Definition): string | undefined {
  const named = pathParameters(path).sort().join(', ');
  const stated = params && Object.keys(params.shape).sort().join(', ');
  if (stated === undefined || stated === named) return undefined;
  return `Expected \`params\` to have exactly the names in \`${path}\`, got \`${stated}\``;
}

function faultOfHeaders({ headers, success }: Definition): string | undefined {
  const names = [...Object.keys(headers?.shape ?? {}), ...Object.keys(success.headers ?? {})];
  const wrong = names.find((name) => !/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name));
  return wrong === undefined ? undefined : `Expected headers by their lower-case names, got \`${wrong}\``;
}

function faultOfBodies({ method, body, success, idempotencyKey }: Definition): string | undefined {
  if (method === 'GET' && body)
    return 'Expected a GET without `body`, which means nothing there (RFC 9110 section 9.3.1)';
  if (method === 'GET' && idempotencyKey) return 'Expected a GET without `idempotencyKey`, since it changes nothing';
  if (!(Number.isInteger(success.status) && success.status >= 200 && success.status < 400)) {
    return `Expected \`success.status\` to be from 200 to 399, got \`${success.status}\``;
  }
  if (success.body && [204, 205, 304].includes(success.status)) {
    return `Expected no \`success.body\` with the status ${success.status}, which has none (RFC 9110 section 15)`;
  }
  return undefined;
}

function faultOfErrors({ errors }: Definition): string | undefined {
  const wrong = errors?.find((code) => !isCode(code));
  return wrong === undefined ? undefined : `Expected \`errors\` to be error codes, got \`${String(wrong)}\``;
}
