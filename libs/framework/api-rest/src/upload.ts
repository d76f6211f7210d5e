import { Transform, type TransformCallback } from 'node:stream';
import type { Upload, UploadRule } from '@org/contract';
import { ServiceError } from '@org/errors';
import { clientGone } from './client-gone.ts';
import type { RestExchange } from './exchange.ts';
import { Refusal, refuse, withoutStack } from './refusal.ts';

/** An upload that is being taken in. */
export interface OpenUpload extends Upload {
  /** Takes no more of it. */
  readonly close: () => void;
}

/**
 * Makes what takes in the uploads of an operation, bit by bit as its handler reads them. What is made throws the refusals
 * of a body's type, coding and length; its stream fails with the Refusal BODY_TOO_LARGE as soon as there is more than the
 * rule allows, and when the client leaves before its end, or is answered because it took too long.
 */
export function createUploadReader(
  { mediaTypes, maximumBytes }: UploadRule,
  bodyLimit: number,
): (exchange: RestExchange) => OpenUpload {
  const limit = maximumBytes ?? bodyLimit;
  const takes = takesAny(mediaTypes);
  const unsupported = withoutStack(
    () =>
      new Refusal(415, `The body must be sent as ${mediaTypes.join(' or ')}.`, { reason: 'MEDIA_TYPE_UNSUPPORTED' }),
  );

  return (exchange) => {
    const { request } = exchange;
    const { 'content-type': type = '', 'content-encoding': encoding, 'content-length': stated } = request.headers;
    const mediaType = type.split(';', 1)[0]!.trim().toLowerCase();
    if (!takes(mediaType)) throw unsupported;
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity') throw refuse('ENCODING_UNSUPPORTED');
    const length = stated === undefined ? undefined : Number(stated);
    if (length !== undefined && length > limit) throw refuse('BODY_TOO_LARGE');
    if (request.readableEnded && length !== 0) throw alreadyRead();
    const stream = takeIn(exchange, limit);
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
function takeIn(exchange: RestExchange, limit: number): Transform {
  const { request, response } = exchange;
  let size = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      size += chunk.length;
      if (size > limit) done(refuse('BODY_TOO_LARGE'));
      else done(null, chunk);
    },
  });
  // A request that is answered before its end tells nobody when its connection closes; the response does.
  const leave = () => {
    if (!request.complete) stream.destroy(exchange.error ?? clientGone());
  };
  // Of what fails, the handler learns when it reads; when it does not read, nobody needs to.
  stream.on('error', () => undefined);
  stream.once('close', () => {
    response.off('close', leave);
    request.unpipe(stream);
    // What is still to come is thrown away, so that the client gets to read its answer.
    request.resume();
  });
  response.once('close', leave);
  if (exchange.closed) leave();
  else request.pipe(stream);
  return stream;
}

function alreadyRead(): ServiceError {
  return new ServiceError('internal', 'A middleware has read the body of an upload before its handler could');
}
