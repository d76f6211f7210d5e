import type { IncomingMessage } from 'node:http';
import { refuse, type Refusal } from './refusal.ts';

/** The most lines that the headers of a request may have. */
const mostHeaders = 128;

/** RFC 9110 section 7.2: a name or an address, and a port; or nothing. */
const wellFormedHost = /^(?:[\w.~!$&'()*+,;=%-]*|\[[\da-f:.]+\])(?::\d{0,5})?$/i;

/** What is wrong with the head of a request, before anybody looks at what it is about. */
export function refusalOfHead(request: IncomingMessage, urlLimit: number): Refusal | undefined {
  const { headers, rawHeaders, url = '' } = request;
  // To the parser, 2.0 is a version as well.
  if (request.httpVersionMajor !== 1) return refuse('REQUEST_MALFORMED');
  if (url.length > urlLimit) return refuse('URL_TOO_LONG');
  if (rawHeaders.length > 2 * mostHeaders) return refuse('HEADERS_TOO_LARGE');
  const { host } = headers;
  // RFC 9112 section 3.2: exactly one, which HTTP/1.0 may do without.
  if (host === undefined) return request.httpVersionMinor === 0 ? undefined : refuse('REQUEST_MALFORMED');
  if (!wellFormedHost.test(host) || countHosts(rawHeaders) > 1) return refuse('REQUEST_MALFORMED');
  const coding = headers['transfer-encoding'];
  // RFC 9112 section 6.1. Node looks at the last coding only, and would hand out what the others did.
  return coding === undefined || coding.toLowerCase() === 'chunked' ? undefined : refuse('ENCODING_UNSUPPORTED');
}

/** Node keeps the first of several. */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}
