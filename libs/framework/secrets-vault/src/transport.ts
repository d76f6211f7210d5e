import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { answerTooLarge, connectError, redirectRefused } from './vault-errors.ts';

export interface TransportOptions {
  /** Where requests go, and whose redirects are followed within: origins such as `https://vault:8200`. */
  readonly origins: readonly string[];
  /** Certificates in PEM. Default: whom Node trusts. */
  readonly authority?: string;
  readonly serverName?: string;
}

/** A request as it goes out. */
export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly signal: AbortSignal;
  /** As in "Cannot read …". */
  readonly doing: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Parsed JSON; `undefined` for anything else. */
  readonly body: unknown;
}

export interface Transport extends Disposable {
  /** @throws {ServiceError} when there is no answer, or none that may be read. */
  readonly send: (request: WireRequest) => Promise<WireAnswer>;
}

/** Vault keeps at most 1 MiB at a path. @see https://developer.hashicorp.com/vault/docs/internals/limits */
const largestAnswerBytes = 4 * 1_048_576;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Sends requests over connections of its own, which are kept until it is disposed. */
export function createTransport({ origins, authority, serverName }: TransportOptions): Transport {
  const tls = {
    rejectUnauthorized: true,
    ...(authority && { ca: authority }),
    ...(serverName && { servername: serverName }),
  };
  const kept = { keepAlive: true, maxSockets: 32, maxFreeSockets: 4, timeout: 30_000 };
  const agents = { http: new HttpAgent(kept), https: new HttpsAgent({ ...kept, ...tls }) };

  const once = (request: WireRequest) =>
    new Promise<WireAnswer>((resolve, reject) => {
      const { method, url, headers, body, signal } = request;
      const text = body && JSON.stringify(body);
      const sized = text === undefined ? headers : { ...headers, 'content-length': String(Buffer.byteLength(text)) };
      const isTls = url.startsWith('https:');
      const sending: ClientRequest = isTls
        ? httpsRequest(url, { method, headers: sized, agent: agents.https, signal })
        : httpRequest(url, { method, headers: sized, agent: agents.http, signal });
      sending.once('response', (answer) => void readAnswer(answer, request).then(resolve, reject));
      sending.once('error', (error: NodeJS.ErrnoException) => {
        // A connection that the server closed just as it was used again says nothing about the server.
        const isStale = sending.reusedSocket && error.code === 'ECONNRESET' && method === 'GET';
        if (isStale && !signal.aborted) return void once(request).then(resolve, reject);
        reject(signal.aborted ? (signal.reason as Error) : connectError(request.doing, error));
      });
      sending.end(text);
    });

  return {
    async send(request) {
      const answer = await once(request);
      if (!redirects.has(answer.status)) return answer;
      // A standby names the active node. The token goes to nodes that are known, and to nobody else.
      const target = URL.parse(answer.headers.location ?? '', request.url);
      if (!target || !origins.includes(target.origin)) throw redirectRefused(request.doing, target?.origin);
      const next = await once({ ...request, url: target.href });
      if (redirects.has(next.status)) throw redirectRefused(request.doing, target.origin);
      return next;
    },
    [Symbol.dispose]() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

async function readAnswer(answer: IncomingMessage, { doing, signal }: WireRequest): Promise<WireAnswer> {
  const { statusCode: status = 0, headers } = answer;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > largestAnswerBytes) throw answerTooLarge(doing, largestAnswerBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw size > largestAnswerBytes ? error : connectError(doing, error as NodeJS.ErrnoException);
  }
  return { status, headers, body: parsed(Buffer.concat(chunks).toString()) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
