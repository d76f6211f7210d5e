import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RestExchange } from './exchange.ts';
import { secondsFromHttpDate } from './http-date.ts';
import type { Exchange } from './implement.ts';
import { refuse } from './refusal.ts';
import { sendEmpty, type Prepared } from './send.ts';

/** What tells one state of a thing from another. */
export interface Validators {
  /** As `etagOf` or `weakEtag` write it. */
  readonly etag?: string | undefined;
  /** Of which HTTP knows whole seconds. */
  readonly lastModified?: Date | undefined;
}

const entityTag = /^(?:W\/)?"[\x21\x23-\x7e]*"$/;

/**
 * A strong entity tag of a version, or of any text that stands for one state of a thing: two states have different tags.
 * What no tag may have in it, or is longer than 64 characters, is hashed.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3
 */
export function etagOf(version: string | number | bigint): string {
  const text = String(version);
  return `"${/^[\x21\x23-\x7e]{1,64}$/.test(text) ? text : hash('sha256', text, 'base64url')}"`;
}

/** A weak entity tag: states of the same tag do for each other, though their bytes may differ. It is of no use in `If-Match`. */
export function weakEtag(version: string | number | bigint): string {
  return `W/${etagOf(version)}`;
}

/** Whether a text is an entity tag, with its quotes. */
export function isEntityTag(text: string): boolean {
  return entityTag.test(text);
}

/**
 * Refuses to change a thing that is not in the state any more that the caller has seen. Call it as soon as the thing is
 * read, and change it in the same transaction, or by its version.
 *
 * @param current The state now; `undefined` when there is no such thing, as before a PUT that makes it.
 * @param options.required Whether a caller must send `If-Match`, `If-Unmodified-Since` or `If-None-Match`. Default: `false`.
 * @throws {Refusal} PRECONDITION_FAILED, 412; PRECONDITION_REQUIRED, 428 (RFC 6585 section 3).
 */
export function assertPreconditions(
  { request }: Pick<Exchange, 'request'>,
  current: Validators | undefined,
  { required = false }: { required?: boolean } = {},
): void {
  const { headers } = request;
  const { 'if-match': match, 'if-none-match': noneMatch, 'if-unmodified-since': unmodifiedSince } = headers;
  if (required && match === undefined && noneMatch === undefined && unmodifiedSince === undefined) {
    throw refuse('PRECONDITION_REQUIRED');
  }
  const seconds = current?.lastModified && Math.floor(current.lastModified.getTime() / 1000);
  const state = current && { etag: current.etag, seconds };
  if (evaluate(request, state) !== 'holds') throw refuse('PRECONDITION_FAILED');
}

/**
 * Answers a GET or HEAD with 304 in place of a success which the client has already; gives whether it did.
 *
 * @throws {Refusal} PRECONDITION_FAILED, when the client wants the state of another tag or time only.
 */
export function answeredUnchanged(exchange: RestExchange, { status, headers }: Omit<Prepared, 'text'>): boolean {
  const { etag, 'last-modified': lastModified } = headers;
  if (etag === undefined && lastModified === undefined) return false;
  const { method } = exchange.request;
  if (status !== 200 || (method !== 'GET' && method !== 'HEAD')) return false;
  const outcome = evaluate(exchange.request, { etag, seconds: secondsFromHttpDate(lastModified) });
  if (outcome === 'failed') throw refuse('PRECONDITION_FAILED');
  if (outcome === 'holds') return false;
  sendEmpty(exchange, 304, unchangedHeaders(headers));
  return true;
}

/** A 304 says nothing of a body that the client has, but for what identifies it. RFC 9110 section 15.4.5. */
function unchangedHeaders(headers: Prepared['headers']): Prepared['headers'] {
  const kept = Object.entries(headers).filter(
    ([name]) =>
      name === 'content-location' ||
      !(name.startsWith('content-') || (name === 'last-modified' && headers.etag !== undefined)),
  );
  return Object.fromEntries(kept);
}

/** A state as the headers know it. */
interface State {
  readonly etag: string | undefined;
  /** When it came about, in seconds since 1970. */
  readonly seconds: number | undefined;
}

/**
 * What the conditional headers of a request make of a state, in the order of RFC 9110 section 13.2.2. `unchanged` is for
 * GET and HEAD alone, and answered with 304; what a range would ask for is left out, since there are none.
 */
function evaluate(
  { method, headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  current: State | undefined,
): 'holds' | 'failed' | 'unchanged' {
  const reads = method === 'GET' || method === 'HEAD';
  const match = headers['if-match'];
  if (match !== undefined) {
    if (!matches(match, current, 'strong')) return 'failed';
  } else if (isModifiedSince(headers['if-unmodified-since'], current)) return 'failed';

  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined) {
    if (!matches(noneMatch, current, 'weak')) return 'holds';
    return reads ? 'unchanged' : 'failed';
  }
  return reads && isModifiedSince(headers['if-modified-since'], current) === false ? 'unchanged' : 'holds';
}

/** Whether the state is one of a list of tags. `*` is any state of a thing that is there. */
function matches(list: string, current: State | undefined, comparison: 'strong' | 'weak'): boolean {
  if (list.trim() === '*') return current !== undefined;
  const own = current?.etag;
  if (own === undefined || (comparison === 'strong' && own.startsWith('W/'))) return false;
  const opaque = withoutCoding(own.slice(own.indexOf('"')));
  for (const [, weak, tag = ''] of list.matchAll(/(W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g)) {
    if (withoutCoding(tag) === opaque && !(weak && comparison === 'strong')) return true;
  }
  return false;
}

/** `undefined` when the header is no date or the state has none, so that it says nothing. */
function isModifiedSince(date: string | undefined, current: State | undefined): boolean | undefined {
  const seconds = secondsFromHttpDate(date);
  const modified = current?.seconds;
  return seconds === undefined || modified === undefined ? undefined : modified > seconds;
}

/**
 * The tag of an answer in a content coding, which must be another than that of the plain one: `"7"` becomes `"7;gzip"`
 * (RFC 9110 section 8.8.3.3). Both stand for the same state where tags are compared. A weak tag need not differ.
 */
export function etagInCoding(etag: string, coding: string): string {
  return etag.startsWith('W/') ? etag : `${etag.slice(0, -1)};${coding}"`;
}

function withoutCoding(tag: string): string {
  return tag.replace(/;(?:br|gzip|zstd)"$/, '"');
}
