import type { RestExchange } from './exchange.ts';

/** An answer that is ready to be sent. */
export interface Prepared {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body; `undefined` where there is none. */
  readonly text: string | undefined;
}

type Headers = Prepared['headers'];

/**
 * Sends an answer in one go. Node leaves the body out where the request was HEAD.
 *
 * @throws {TypeError} when a header is not well-formed; nothing has been sent then.
 */
export function send(exchange: RestExchange, { status, headers, text }: Prepared, contentType: string): void {
  if (text === undefined) return sendEmpty(exchange, status, headers);
  const { requestId } = exchange;
  const head = [
    'x-request-id',
    requestId,
    'content-type',
    contentType,
    'content-length',
    String(Buffer.byteLength(text)),
  ];
  sendHead(exchange, status, head, headers);
  exchange.response.end(text);
}

/** Sends an answer without a body. */
export function sendEmpty(exchange: RestExchange, status: number, headers: Headers): void {
  const head = ['x-request-id', exchange.requestId];
  // A 204 has no length (RFC 9110 section 8.6); others must say that they are empty, or Node sends them in chunks.
  if (status !== 204 && status !== 304) head.push('content-length', '0');
  sendHead(exchange, status, head, headers);
  exchange.response.end();
}

function sendHead(exchange: RestExchange, status: number, head: string[], headers: Headers): void {
  for (const name in headers) head.push(name, headers[name]!);
  if (exchange.closing) head.push('connection', 'close');
  exchange.response.writeHead(status, head);
  exchange.sent = true;
}
