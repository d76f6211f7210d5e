import type { IncomingMessage } from 'node:http';
import { Transform, type TransformCallback } from 'node:stream';
import type { Upload, UploadRule } from '@org/contract';
import { ServiceError } from '@org/errors';
import { clientGone } from './client-gone.ts';
import { Refusal, refuse, withoutStack } from './refusal.ts';

/** An upload that is being taken in. */
export interface OpenUpload extends Upload {
  /** Takes no more of it. */
  close(): void;
}

/**
 * Makes what takes in the uploads of an operation, bit by bit as its handler reads them. What is made throws the refusals
 * of a body's type, coding and length; its stream fails with the Refusal BODY_TOO_LARGE as soon as there is more than the
 * rule allows, and with CLIENT_GONE when the client leaves before the end.
 */
export function createUploadReader(
  { mediaTypes, maximumBytes }: UploadRule,
  bodyLimit: number,
): (request: IncomingMessage) => OpenUpload {
  const limit = maximumBytes ?? bodyLimit;
  const takes = takesAny(mediaTypes);
  const unsupported = withoutStack(
    () =>
      new Refusal(415, `The body must be sent as ${mediaTypes.join(' or ')}.`, { reason: 'MEDIA_TYPE_UNSUPPORTED' }),
  );

  return (request) => {
    const { 'content-type': type = '', 'content-encoding': encoding, 'content-length': stated } = request.headers;
    const mediaType = type.split(';', 1)[0]!.trim().toLowerCase();
    if (!takes(mediaType)) throw unsupported;
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity') throw refuse('ENCODING_UNSUPPORTED');
    const length = stated === undefined ? undefined : Number(stated);
    if (length !== undefined && length > limit) throw refuse('BODY_TOO_LARGE');
    if (request.readableEnded && length !== 0) throw alreadyRead();
    const stream = takeIn(request, limit);
    return { mediaType, length, stream, close: () => void stream.destroy() };
  };
}

/** Whether a media type is one of those that a rule names, ranges such as `image/*` included. */
function takesAny(mediaTypes: readonly string[]): (mediaType: string) => boolean {
  const exact = new Set(mediaTypes.filter((each) => !each.endsWith('/*')));
  const prefixes = mediaTypes.filter((each) => each.endsWith('/*') && each !== '*/*').map((each) => each.slice(0, -1));
  const any = mediaTypes.includes('*/*');
  return (mediaType) =>
    /^[\w.+-]+\/[\w.+-]+$/.test(mediaType) &&
    (any || exact.has(mediaType) || prefixes.some((prefix) => mediaType.startsWith(prefix)));
}

/** The body of a request as a stream that ends with it, whatever becomes of it, and counts what it lets through. */
function takeIn(request: IncomingMessage, limit: number): Transform {
  let size = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      size += chunk.length;
      if (size > limit) done(refuse('BODY_TOO_LARGE'));
      else done(null, chunk);
    },
  });
  const leave = () => {
    console.log("leave", request.complete, request.destroyed);
    if (!request.complete) stream.destroy(clientGone());
  };
  // Of what fails, the handler learns when it reads; when it does not read, nobody needs to.
  stream.on('error', () => undefined);
  stream.once('close', () => {
    request.off('close', leave);
    request.unpipe(stream);
    // What is still to come is thrown away, so that the client gets to read its answer.
    request.resume();
  });
  request.once('close', leave);
  if (request.destroyed && !request.complete) leave();
  else request.pipe(stream);
  return stream;
}

function alreadyRead(): ServiceError {
  return new ServiceError('internal', 'A middleware has read the body of an upload before its handler could');
}
