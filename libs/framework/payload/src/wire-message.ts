import { compress } from './compression.ts';
import { tooLarge, writing } from './faults.ts';
import { expectInteger, maximumBytesOf, type Limits } from './limits.ts';

/** A message to send: headers by the names of its binding, and a body. */
export interface WireMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * A message that came: each header a string or what the transport makes of its native types (numbers, booleans, dates,
 * bytes, lists of the values of one name).
 */
export interface ReceivedMessage {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
}

export interface EncodeOptions extends Limits {
  /** Bodies of more than `aboveBytes` bytes are sent as gzip, if that makes them smaller. Default: none. */
  readonly compress?: { readonly aboveBytes: number };
}

/** Puts the body, compressed where that is asked for, to headers that are the caller's own. `type` is that of the event. */
export function toWire(
  headers: Record<string, string>,
  body: Uint8Array,
  options: EncodeOptions,
  type?: string,
): WireMessage {
  const maximumBytes = maximumBytesOf(options);
  if (body.length > maximumBytes) throw tooLarge(writing(type), 'its body', maximumBytes);
  if (options.compress === undefined) return { headers, body };
  const compressed = compress(body, expectInteger('compress.aboveBytes', options.compress.aboveBytes, 0));
  if (compressed === undefined) return { headers, body };
  headers['content-encoding'] = 'gzip';
  return { headers, body: compressed };
}
