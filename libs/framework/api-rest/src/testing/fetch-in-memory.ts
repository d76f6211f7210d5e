import { once } from 'node:events';
import { createServer, request as startRequest, type IncomingMessage, type RequestListener } from 'node:http';
import { duplexPair, type Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';

/**
 * Sends a request to a listener over a connection in memory, which only this request has. Resolves when the answer is
 * whole and the listener's side has closed.
 *
 * @throws {TypeError} as `fetch` does, when the connection breaks off; or the reason of the request's signal.
 */
export async function fetchInMemory(listener: RequestListener, request: Request): Promise<Response> {
  const { signal } = request;
  signal.throwIfAborted();
  const body = Buffer.from(await request.arrayBuffer());
  signal.throwIfAborted();
  let served: Promise<unknown> | undefined;
  const client = connect((incoming, response) => {
    served = new Promise((resolve) => response.once('close', resolve));
    listener(incoming, response);
  });
  try {
    const answer = await send(client, request, body);
    const content = await buffer(answer);
    // Its last bytes are here before the listener's side knows that they are gone.
    await served;
    return responseOf(answer, content);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw new TypeError(`Cannot fetch ${request.url}: the connection broke off`, { cause });
  } finally {
    client.destroy();
    await served;
  }
}

/** The client's end of a connection. An HTTP server takes any stream for a connection and need not listen for it. */
function connect(listener: RequestListener): Duplex {
  const [client, server] = duplexPair();
  client.once('close', () => server.destroy());
  server.once('close', () => client.destroy());
  createServer(listener).emit('connection', server);
  return client;
}

async function send(client: Duplex, request: Request, body: Buffer): Promise<IncomingMessage> {
  const { pathname, search } = new URL(request.url);
  const outgoing = startRequest({
    createConnection: () => client,
    method: request.method,
    path: pathname + search,
    headers: Object.fromEntries(request.headers),
    signal: request.signal,
  });
  // What goes wrong once the answer begins, such as a body that the server no longer reads, shows in the answer.
  outgoing.on('error', () => {});
  const response = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  outgoing.end(body.length > 0 ? body : undefined);
  return (await response)[0];
}

function responseOf({ statusCode = 0, statusMessage, rawHeaders }: IncomingMessage, content: Buffer): Response {
  const headers = new Headers();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  }
  // A `Response` takes not even an empty body where its status has none.
  const body = content.length > 0 ? new Uint8Array(content) : null;
  return new Response(body, { status: statusCode, statusText: statusMessage ?? '', headers });
}
