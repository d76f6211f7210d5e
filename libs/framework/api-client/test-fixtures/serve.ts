import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request as it arrived. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly requests: Received[];
  /** How many connections were made. */
  connections(): number;
}

export type Respond = (response: ServerResponse, request: Received, number: number) => unknown;

/** A real server that answers as the test says, and breaks all connections when it is disposed. */
export async function serve(respond: Respond): Promise<TestServer> {
  const requests: Received[] = [];
  let connections = 0;
  const server = createServer((incoming, response) => {
    void receive(incoming).then(
      (request) => {
        requests.push(request);
        return respond(response, request, requests.length);
      },
      // The client is gone before its request was whole.
      () => {},
    );
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function receive(incoming: IncomingMessage): Promise<Received> {
  const body = (await buffer(incoming)).toString();
  const { method = '', url = '', headers } = incoming;
  return { method, url, headers: headers as Record<string, string>, body };
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

/** Answers with a problem document. */
export function problem(response: ServerResponse, status: number, value: object, headers: Record<string, string> = {}) {
  json(
    response,
    status,
    { type: 'about:blank', status, ...value },
    { 'content-type': 'application/problem+json', ...headers },
  );
}
