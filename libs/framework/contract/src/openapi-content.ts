import type { ZodOpenApiContentObject } from 'zod-openapi';
import { namedExamples } from './openapi-examples.ts';
import type { Operation } from './operation.ts';

/** The body of the request, as a media type lists it; `undefined` where there is none. */
export function requestContent(operation: Operation): ZodOpenApiContentObject | undefined {
  const { body, upload } = operation;
  if (body) return { 'application/json': { schema: body, ...namedExamples(operation, 'body') } };
  if (!upload) return undefined;
  const { mediaTypes, maximumBytes } = upload;
  return Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, binary(mediaType, maximumBytes)]));
}

/** The body of the success. The schema of an event stream is that of the data of each event. */
export function successContent(operation: Operation): ZodOpenApiContentObject | undefined {
  const { body, stream, events } = operation.success;
  if (body) return { 'application/json': { schema: body, ...namedExamples(operation, 'success') } };
  if (events) return { 'text/event-stream': { schema: events } };
  return stream && { [stream.mediaType]: binary(stream.mediaType) };
}

/** @see https://spec.openapis.org/oas/v3.1.1#working-with-binary-data */
function binary(mediaType: string, maximumBytes?: number): ZodOpenApiContentObject[string] {
  const maxLength = maximumBytes === undefined ? {} : { maxLength: maximumBytes };
  // A range is no media type that the content could have.
  return { schema: { type: 'string', ...(!mediaType.includes('*') && { contentMediaType: mediaType }), ...maxLength } };
}
