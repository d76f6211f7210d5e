import type { Readable } from 'node:stream';

/** A body that a request sends as a stream, and not as JSON. */
export interface UploadRule {
  /** Those that it takes: `text/csv`, or `image/*`. With an asterisk on both sides it takes any. */
  readonly mediaTypes: readonly string[];
  /** The most bytes that it takes. Default: as many as the server takes of any body. */
  readonly maximumBytes?: number;
}

/** An upload as a handler gets it. */
export interface Upload {
  /** Without its parameters, in lower case: `text/csv`. */
  readonly mediaType: string;
  /** In bytes, when the client said so. */
  readonly length: number | undefined;
  /** The bytes as they arrive. A handler that reads no further lets the rest be thrown away. */
  readonly stream: Readable;
}

/** An upload as a client gives it. */
export interface UploadContent {
  readonly mediaType: string;
  /** In bytes, when it is known. */
  readonly length?: number;
  readonly content: StreamContent;
}

/** A body that an answer sends as a stream, and not as JSON. */
export interface StreamRule {
  /** Such as `text/csv`, also with parameters: `text/csv; charset=utf-8`. */
  readonly mediaType: string;
}

/** Bytes as they are given away: a `Readable`, an asynchronous generator or the like; or all at once. Text is UTF-8. */
export type StreamContent = AsyncIterable<Uint8Array | string> | Uint8Array | string;

/**
 * One event of `text/event-stream`.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export interface ServerSentEvent<Data = unknown> {
  /** Sent as JSON. */
  readonly data: Data;
  /** What kind of event it is, one line. Without it, browsers call it `message`. */
  readonly event?: string;
  /** What a client that lost its connection sends as `Last-Event-ID`; one line without NUL. */
  readonly id?: string;
  /** How long a client is to wait before it connects again, in milliseconds. */
  readonly retry?: number;
}

/** What is wrong with the media types of an upload, or of a stream, if anything is. */
export function faultOfMediaTypes(mediaTypes: readonly string[], form: 'range' | 'type'): string | undefined {
  const pattern = form === 'range' ? /^(\*\/\*|[\w.+-]+\/(\*|[\w.+-]+))$/ : /^[\w.+-]+\/[\w.+-]+(; ?[\w-]+=[\w.+-]+)*$/;
  if (mediaTypes.length === 0) return 'Expected `mediaTypes` to have one at least';
  const wrong = mediaTypes.find((mediaType) => !pattern.test(mediaType) || mediaType !== mediaType.toLowerCase());
  return wrong === undefined ? undefined : `Expected a media type in lower case such as \`text/csv\`, got \`${wrong}\``;
}
