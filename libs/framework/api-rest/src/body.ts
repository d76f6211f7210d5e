import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import secureJson from 'secure-json-parse';
import { clientGone } from './client-gone.ts';
import { isDeeperThan } from './nesting.ts';
import { Refusal, refuse, withoutStack } from './refusal.ts';

/** A request and where its answer goes. */
interface Conversation {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** How much of a body is taken, in bytes and in levels of objects and arrays. */
export interface BodyLimits {
  readonly bodyLimit: number;
  readonly nestingLimit: number;
}

/**
 * Reads the JSON body of a request: `undefined` when there is none. A body that a middleware has parsed already is taken
 * as it is.
 *
 * @returns a `Refusal` of the table for what is no such body: no JSON gives one.
 * @throws {ServiceError} cancelled, CLIENT_GONE, when the client leaves before its end.
 */
export function readJson({ request, response }: Conversation, limits: BodyLimits): unknown {
  const { headers } = request;
  const length = headers['content-length'];
  if (request.readableEnded) return (request as { body?: unknown }).body;
  if (headers['transfer-encoding'] === undefined && (length === undefined || length === '0')) return undefined;
  if (!isJson(headers['content-type'])) return refuse('MEDIA_TYPE_UNSUPPORTED');
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return refuse('ENCODING_UNSUPPORTED');
  if (length !== undefined && Number(length) > limits.bodyLimit) return refuse('BODY_TOO_LARGE');
  return readBytes(request, response, limits.bodyLimit).then((bytes) =>
    bytes instanceof Refusal ? bytes : parseJson(bytes, limits.nestingLimit),
  );
}

/** Whether a content type is JSON in UTF-8: `application/json`, or any `application/…+json` (RFC 6839 section 3.1). */
export function isJson(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  if (contentType === 'application/json') return true;
  if (!/^application\/(?:[\w.!#$&^-]+\+)?json\s*(?:;|$)/i.test(contentType)) return false;
  // A parameter that comes twice is read differently by everyone on the way.
  const charsets = [...contentType.matchAll(/;\s*charset\s*=\s*"?([^\s;"]+)/gi)];
  return charsets.length === 0 || (charsets.length === 1 && /^utf-?8$/i.test(charsets[0]![1]!));
}

/** Reads a body to its end, which most often is its first chunk. */
function readBytes(request: IncomingMessage, response: ServerResponse, limit: number): Promise<Buffer | Refusal> {
  return new Promise((resolve, reject) => {
    let bytes: Buffer | undefined;
    let size = 0;
    const take = (chunk: Buffer) => {
      const before = size;
      size += chunk.length;
      if (size > limit) {
        finish();
        // What is still to come is read and thrown away, so that the client gets to read its answer.
        request.resume();
        return resolve(refuse('BODY_TOO_LARGE'));
      }
      bytes = bytes === undefined ? chunk : appended(bytes, before, chunk, limit);
    };
    const end = () => {
      finish();
      resolve(bytes === undefined ? nothing : bytes.subarray(0, size));
    };
    const leave = () => {
      finish();
      reject(clientGone());
    };
    const finish = () => {
      request.off('data', take).off('end', end);
      response.off('close', leave);
    };
    if (request.destroyed || response.destroyed) return leave();
    request.on('data', take).on('end', end);
    // A request that was answered by somebody else meanwhile has no end of its own.
    response.on('close', leave);
  });
}

const nothing = Buffer.alloc(0);

/** Adds a chunk behind what is there. The room doubles, so that many small chunks cost no more than a few large ones. */
function appended(bytes: Buffer, size: number, chunk: Buffer, limit: number): Buffer {
  const needed = size + chunk.length;
  let room = bytes;
  if (needed > bytes.length) {
    room = Buffer.allocUnsafe(Math.min(limit, Math.max(needed, 2 * bytes.length)));
    bytes.copy(room, 0, 0, size);
  }
  chunk.copy(room, size);
  return room;
}

const keysThatNoObjectMayHave = { protoAction: 'error', constructorAction: 'error' } as const;

function parseJson(bytes: Buffer, nestingLimit: number): unknown {
  if (!isUtf8(bytes)) return refuse('BODY_MALFORMED');
  const text = bytes.toString();
  if (isDeeperThan(text, nestingLimit)) return refuse('BODY_TOO_DEEP');
  try {
    return withoutStack(() => secureJson.parse(text, undefined, keysThatNoObjectMayHave) as unknown);
  } catch (cause) {
    const forbidden = cause instanceof Error && cause.message.includes('forbidden');
    return refuse(forbidden ? 'BODY_FORBIDDEN_KEY' : 'BODY_MALFORMED', { cause });
  }
}
