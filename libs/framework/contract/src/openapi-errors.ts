import { httpStatusByCode, type Code } from '@org/errors';
import type { ZodOpenApiResponseObject } from 'zod-openapi';
import type { Operation } from './operation.ts';
import { problemSchema } from './problem.ts';

/** What a code tells a client, in a sentence. */
const meanings: Readonly<Record<Code, string>> = {
  cancelled: 'The client went away.',
  unknown: 'It failed, and nothing says why.',
  invalid_argument: 'The request does not fit: `errors` says where.',
  deadline_exceeded: 'The time for it was over.',
  not_found: 'There is no such thing.',
  already_exists: 'Such a thing exists already.',
  permission_denied: 'The caller may not do this.',
  resource_exhausted: 'Too much or too often.',
  failed_precondition: 'The thing is not in a state for this.',
  aborted: 'Something else got in between; try again.',
  out_of_range: 'Past the end of what there is.',
  unimplemented: 'The service cannot do this.',
  internal: 'It failed, and the cause is in the logs.',
  unavailable: 'Something that it needs is not there; try again later.',
  data_loss: 'Data is lost or damaged.',
  unauthenticated: 'Nobody says who the caller is.',
};

type Response = ZodOpenApiResponseObject;

/** The answers that are problems, by status: what the operation states, what its inputs bring along, and the rest. */
export function errorResponses(
  operation: Operation,
  { secured, headers }: { secured: boolean; headers: Response['headers'] },
): Record<string, Response> {
  const { params, query, headers: requestHeaders, body, upload, idempotencyKey, errors = [] } = operation;
  const texts = new Map<number, string[]>();
  const add = (status: number, text: string) => texts.set(status, [...(texts.get(status) ?? []), text]);
  const hasInput = [params, query, requestHeaders, body, idempotencyKey].some((part) => part !== undefined);
  const stated = new Set<Code>([
    ...(hasInput ? (['invalid_argument'] as const) : []),
    ...(secured ? (['unauthenticated', 'permission_denied'] as const) : []),
    ...errors,
  ]);
  for (const code of stated) add(httpStatusByCode[code], `\`${code}\`: ${meanings[code]}`);
  if (body ?? upload) {
    add(413, 'The body is too large.');
    add(415, body ? 'The body is not JSON.' : 'The body has another media type.');
  }
  if (idempotencyKey) {
    add(409, 'The first request with this `Idempotency-Key` is still being worked on.');
    add(422, 'This `Idempotency-Key` came with another request before.');
  }
  const named = [...texts].map(([status, lines]) => [status, problemResponse(lines.join('\n\n'), headers)] as const);
  return { ...Object.fromEntries(named), default: problemResponse('Any other failure.', headers) };
}

function problemResponse(description: string, headers: Response['headers']): Response {
  return { description, headers, content: { 'application/problem+json': { schema: problemSchema } } };
}
