import { Readable } from 'node:stream';
import type { Operation, ServerSentEvent, StreamContent } from '@org/contract';
import { ServiceError, pointerTo } from '@org/errors';
import type * as z from 'zod';
import { uploadStream } from '../upload-stream.ts';

/**
 * Puts what a handler gave through the success schema, and into an answer.
 *
 * @throws {ServiceError} internal, RESPONSE_INVALID, when it does not fit.
 */
export function answerWith({ id, success }: Operation, given: unknown, headers: Headers): Response {
  const { status, body, stream, events } = success;
  const answer = (content: BodyInit | null, mediaType?: string) => {
    if (mediaType !== undefined) headers.set('content-type', mediaType);
    return new Response(content, { status, headers });
  };
  if (events) {
    const written = writeEvents(id, events, given as AsyncIterable<ServerSentEvent>);
    return answer(uploadStream(written), 'text/event-stream');
  }
  if (stream) {
    const content = given as StreamContent;
    const isWhole = typeof content === 'string' || content instanceof Uint8Array;
    return answer(uploadStream(isWhole ? Readable.from([content]) : content), stream.mediaType);
  }
  return body ? answer(JSON.stringify(checked(id, body, given)), 'application/json') : answer(null);
}

type BodyInit = ConstructorParameters<typeof Response>[0];

async function* writeEvents(id: string, schema: z.ZodType, events: AsyncIterable<ServerSentEvent>) {
  for await (const { data, ...fields } of events) {
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
    yield `${lines.join('')}data: ${JSON.stringify(checked(id, schema, data))}\n\n`;
  }
}

function checked(id: string, schema: z.ZodType, given: unknown): unknown {
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  const places = error.issues.slice(0, 3).map(({ path, message }) => `\`${pointerTo(path)}\`: ${message}`);
  const text = `The fake of \`${id}\` gave what its contract does not promise at ${places.join('; ')}`;
  throw new ServiceError('internal', text, { reason: 'RESPONSE_INVALID' });
}
