import type { Transform } from 'node:stream';
import { promisify } from 'node:util';
import {
  brotliCompress,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  gzip,
  zstdCompress,
} from 'node:zlib';
import { etagInCoding } from './conditional.ts';
import type { Prepared } from './send.ts';

/** A content coding (RFC 9110 section 8.4.1). */
export interface Coding {
  readonly name: 'zstd' | 'br' | 'gzip';
  /** In a thread of libuv's pool, so that nothing else waits for it. */
  readonly compress: (body: string | Uint8Array) => Promise<Buffer>;
  readonly createEncoder: () => Transform & { flush(callback?: () => void): void };
}

/** Shorter bodies do not get much shorter. In bytes. */
const leastBytes = 1024;

/** The quality at which Brotli takes no longer than the others do by default. */
const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

const zstdAsync = promisify(zstdCompress);
const brotliAsync = promisify(brotliCompress);
const gzipAsync = promisify(gzip);

/** The codings in the order in which they are taken when the client does not mind: what costs the least first. */
const codings: readonly Coding[] = [
  { name: 'zstd', compress: (body) => zstdAsync(body), createEncoder: () => createZstdCompress() },
  { name: 'br', compress: (body) => brotliAsync(body, brotli), createEncoder: () => createBrotliCompress(brotli) },
  { name: 'gzip', compress: (body) => gzipAsync(body), createEncoder: () => createGzip() },
];

/** An answer's headers as they are for whoever may get it in another coding, and the coding that this client gets. */
export interface Negotiated {
  readonly headers: Prepared['headers'];
  readonly coding: Coding | undefined;
}

/** Whether content of a media type gets shorter: text and what is like it. */
export function isCompressible(mediaType: string): boolean {
  return /^(?:text\/|application\/(?:[\w.+-]+\+)?(?:json|xml|javascript|x-ndjson|jsonl)\b|image\/svg\+xml)/.test(
    mediaType,
  );
}

/**
 * Decides on the coding of an answer with compressible content, by the client's `Accept-Encoding`. Content that says
 * `no-transform`, has a coding of its own or is shorter than 1 KiB stays as it is.
 *
 * @param length In bytes; `undefined` when it is not known.
 */
export function negotiateCoding(
  acceptEncoding: string | string[] | undefined,
  headers: Prepared['headers'],
  length: number | undefined,
): Negotiated {
  if (length !== undefined && length < leastBytes) return { headers, coding: undefined };
  const { vary, etag, 'content-length': _, ...rest } = headers;
  if (headers['content-encoding'] !== undefined || /\bno-transform\b/i.test(headers['cache-control'] ?? '')) {
    return { headers, coding: undefined };
  }
  const varied = vary === undefined ? 'accept-encoding' : `${vary}, accept-encoding`;
  const coding = codingFor(String(acceptEncoding ?? ''));
  if (!coding) return { headers: { ...headers, vary: varied }, coding };
  return {
    headers: {
      ...rest,
      vary: varied,
      'content-encoding': coding.name,
      ...(etag !== undefined && { etag: etagInCoding(etag, coding.name) }),
    },
    coding,
  };
}

/**
 * The coding that a client likes best of those there are; `undefined` when it likes the content as it is just as well, or
 * none of them. A client that refuses even that gets it all the same: it can do no more than throw it away.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
 */
export function codingFor(acceptEncoding: string): Coding | undefined {
  if (acceptEncoding === '' || acceptEncoding.length > 1024) return undefined;
  const qualities = new Map<string, number>();
  for (const item of acceptEncoding.toLowerCase().split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim());
    if (name !== '') qualities.set(name === 'x-gzip' ? 'gzip' : name, qualityOf(parameters));
  }
  const wildcard = qualities.get('*') ?? 0;
  let best: Coding | undefined;
  // What is not named is taken as it is, if nothing else does; when it is named, it competes.
  let most = qualities.get('identity') ?? 0;
  for (const coding of codings) {
    const quality = qualities.get(coding.name) ?? wildcard;
    if (quality > most || (quality === most && quality > 0 && best === undefined)) [best, most] = [coding, quality];
  }
  return best;
}

/** RFC 9110 section 12.4.2. What is no quality is none. */
function qualityOf(parameters: readonly string[]): number {
  const stated = parameters.find((parameter) => parameter.startsWith('q='));
  if (stated === undefined) return 1;
  return /^q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(stated) ? Number(stated.slice(2)) : 0;
}
