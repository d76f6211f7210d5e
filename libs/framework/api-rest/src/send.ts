import type { RestExchange } from './exchange.ts';
import { leavesBody, lingerAfter } from './linger.ts';

/** An answer that is ready to be sent. */
export interface Prepared {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body; `undefined` where there is none. */
  readonly text: string | Uint8Array | undefined;
}

type Headers = Prepared['headers'];

/**
 * Sends an answer in one go. Node leaves the body out where the request was HEAD.
 *
 * @throws {TypeError} when a header is not well-formed; nothing has been sent then.
 */
export function send(exchange: RestExchange, { status, headers, text }: Prepared, contentType: string): void {
  if (text === undefined) return sendEmpty(exchange, status, headers);
  const head = startHead(exchange);
  head.push('content-type', contentType, 'content-length', String(Buffer.byteLength(text)));
  sendHead(exchange, status, head, headers);
  exchange.response.end(text);
}

/** Sends an answer without a body; `more` are headers by name and value in turns. */
export function sendEmpty(
  exchange: RestExchange,
  status: number,
  headers: Headers,
  more: readonly string[] = noHeaders,
): void {
  const head = startHead(exchange);
  // A 204 has no length (RFC 9110 section 8.6); others must say that they are empty, or Node sends them in chunks.
  if (status !== 204 && status !== 304) head.push('content-length', '0');
  head.push(...more);
  sendHead(exchange, status, head, headers);
  exchange.response.end();
}

const noHeaders: readonly string[] = [];

const joined = new Set(['vary', 'set-cookie', 'link']);

/** The headers of all answers, names and values in turns, for more to be added. */
export function startHead(exchange: RestExchange): string[] {
  const { serving, request, requestId } = exchange;
  if (exchange.headersAreSet) return [];
  const head = serving.headers.slice();
  head.push('x-request-id', requestId);
  if (serving.corsHeaders) head.push(...serving.corsHeaders(request.headers.origin));
  const own = exchange.match.target.headers;
  if (own.length > 0) head.push(...own);
  return head;
}

/** Sends the head of an answer: `head` with `headers` behind it. */
export function sendHead(exchange: RestExchange, status: number, head: string[], headers: Headers): void {
  const { request, response, headersAreSet } = exchange;
  for (const name in headers) {
    // What may come several times joins what middleware has set; all else takes its place.
    if (headersAreSet && joined.has(name)) response.appendHeader(name, headers[name]!);
    else head.push(name, headers[name]!);
  }
  if (!request.complete && leavesBody(request)) exchange.last = true;
  if (exchange.last) lingerAfter(request.socket);
  if (exchange.closing) head.push('connection', 'close');
  response.writeHead(status, head);
  exchange.sent = true;
}

/** Puts the headers of what is now served in the place of those of what was to be served before. */
export function replaceOwnHeaders({ response, match }: RestExchange, former: readonly string[]): void {
  for (let index = 0; index < former.length; index += 2) response.removeHeader(former[index]!);
  const { headers } = match.target;
  for (let index = 0; index < headers.length; index += 2) response.appendHeader(headers[index]!, headers[index + 1]!);
}

/**
 * Gives the response the headers of all answers, for whoever answers in the way of Express: middleware and pages may
 * change them and take them away.
 */
export function presetHeaders(exchange: RestExchange): void {
  if (exchange.headersAreSet) return;
  const { response } = exchange;
  const head = startHead(exchange);
  for (let index = 0; index < head.length; index += 2) response.appendHeader(head[index]!, head[index + 1]!);
  if (exchange.closing) response.setHeader('connection', 'close');
  exchange.headersAreSet = true;
}
