import type { Operation, UploadContent } from '@org/contract';
import { uploadStream } from './upload-stream.ts';
import { unsendable } from './unsendable.ts';

/** The parts of a call's input, as whoever calls gave them. */
export interface PlainInput {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly headers?: unknown;
  readonly body?: unknown;
}

/** A request that can be sent. */
export interface EncodedRequest {
  readonly url: string;
  readonly headers: Headers;
  readonly body: string | Uint8Array | ReadableStream | undefined;
}

/**
 * Puts the input of a call into a request, as the operation says, with more headers that its own take the place of.
 *
 * @throws {ServiceError} invalid_argument, REQUEST_UNSENDABLE, for what no request can hold.
 */
export function encodeRequest(
  base: string,
  operation: Operation,
  input: PlainInput,
  more: Readonly<Record<string, string>> = {},
): EncodedRequest {
  const headers = new Headers();
  for (const [name, value] of Object.entries(more)) setHeader(headers, name, value);
  for (const [name, value] of entriesOf(input.headers)) setHeader(headers, name, textOf(value, `the header ${name}`));
  const url = `${base}${encodePath(operation.path, input.params)}${encodeQuery(input.query)}`;
  const body = operation.upload
    ? encodeUpload(input.body as UploadContent, headers)
    : encodeJson(input.body, operation, headers);
  return { url, headers, body };
}

/** Sets a header; one that is no header is refused without saying its value. */
export function setHeader(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value);
  } catch {
    throw unsendable(`the header ${JSON.stringify(name)}`, 'a name and a value of one line in Latin letters');
  }
}

function encodePath(path: string, params: unknown): string {
  const values = new Map(entriesOf(params));
  return path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const place = `the path parameter \`${name}\``;
    const value = textOf(values.get(name), place);
    // Whoever reads the URL would take these for other paths (RFC 3986 section 5.2.4).
    if (value === '' || value === '.' || value === '..') throw unsendable(place, 'neither nothing nor dots alone');
    try {
      return encodeURIComponent(value);
    } catch (cause) {
      throw unsendable(place, 'well-formed text', cause);
    }
  });
}

function encodeQuery(query: unknown): string {
  const search = new URLSearchParams();
  for (const [name, value] of entriesOf(query)) {
    // A list is a key that is repeated.
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) {
      search.append(name, textOf(each, `\`${name}\` of the query`));
    }
  }
  const text = search.toString();
  return text && `?${text}`;
}

function encodeJson(body: unknown, { body: schema }: Operation, headers: Headers): string | undefined {
  if (!schema || body === undefined) return undefined;
  headers.set('content-type', 'application/json');
  try {
    return JSON.stringify(body);
  } catch (cause) {
    throw unsendable('the body', 'what can be written as JSON', cause);
  }
}

function encodeUpload({ mediaType, length, content }: UploadContent, headers: Headers): EncodedRequest['body'] {
  setHeader(headers, 'content-type', mediaType);
  if (typeof content === 'string') return content;
  if (content instanceof Uint8Array) return content;
  if (length !== undefined) setHeader(headers, 'content-length', String(length));
  return uploadStream(content);
}

/** What is there and has a value. */
function entriesOf(part: unknown): [string, unknown][] {
  return Object.entries(part ?? {}).filter(([, value]) => value !== undefined);
}

function textOf(value: unknown, place: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint' || Number.isFinite(value)) return String(value);
  throw unsendable(place, 'a text, a number or a boolean');
}
