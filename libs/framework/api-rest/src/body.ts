import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import secureJson from 'secure-json-parse';
import { clientGone } from './client-gone.ts';
import { refuse } from './refusal.ts';

/**
 * Reads the JSON body of a request: `undefined` when there is none. A body that a middleware has parsed already is taken
 * as it is.
 *
 * @throws {Refusal} what the table of refusals says of bodies, media types and encodings.
 * @throws {ServiceError} cancelled, CLIENT_GONE, when the client leaves before its end.
 */
export async function readJson(request: IncomingMessage, limit: number): Promise<unknown> {
  const { headers } = request;
  const length = headers['content-length'];
  if (request.readableEnded) return (request as { body?: unknown }).body;
  if (headers['transfer-encoding'] === undefined && (length === undefined || length === '0')) return undefined;
  if (!isJson(headers['content-type'])) throw refuse('MEDIA_TYPE_UNSUPPORTED');
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') throw refuse('ENCODING_UNSUPPORTED');
  if (Number(length ?? 0) > limit) throw refuse('BODY_TOO_LARGE');
  return parseJson(await readBytes(request, limit));
}

/** Whether a content type is JSON in UTF-8: `application/json`, or any `application/…+json` (RFC 6839 section 3.1). */
export function isJson(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  if (contentType === 'application/json') return true;
  if (!/^application\/(?:[\w.!#$&^-]+\+)?json\s*(?:;|$)/i.test(contentType)) return false;
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType) ?? [];
  return /^utf-?8$/i.test(charset);
}

function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = () => {
      request.off('data', take).off('end', end).off('close', leave).off('error', leave);
      // An error that comes later has nobody to tell.
      request.on('error', ignore);
    };
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) return void chunks.push(chunk);
      finish();
      // What is still to come is read and thrown away, so that the client gets to read its answer.
      request.resume();
      reject(refuse('BODY_TOO_LARGE'));
    };
    const end = () => {
      finish();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    };
    const leave = () => {
      finish();
      reject(clientGone());
    };
    if (request.destroyed) return leave();
    request.on('data', take).on('end', end).on('close', leave).on('error', leave);
  });
}

function ignore(): void {}

function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw refuse('BODY_MALFORMED');
  try {
    return secureJson.parse(bytes.toString(), undefined, { protoAction: 'error', constructorAction: 'error' });
  } catch (cause) {
    const forbidden = cause instanceof Error && cause.message.includes('forbidden');
    throw refuse(forbidden ? 'BODY_FORBIDDEN_KEY' : 'BODY_MALFORMED', { cause });
  }
}
