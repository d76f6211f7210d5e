import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { answer } from './answer.ts';
import type { DatabaseUsers } from './database-engine.ts';
import { expire } from './expiry.ts';
import { faultReply, type FaultScope, type VaultFault } from './faults.ts';
import { readCall, type ReceivedCall } from './read-call.ts';
import { refuse, type VaultReply } from './reply.ts';
import { createState, type Token } from './state.ts';
import { createNamespace } from './system.ts';
import { createToken } from './tokens.ts';
import { wrap } from './wrapping.ts';

export interface VaultDoubleOptions {
  /** Serves HTTPS with this certificate and key, in PEM. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Gives the time in milliseconds since the epoch. Default: that of the machine. */
  readonly now?: () => number;
  /** Who makes the users behind `database/creds/…`. Default: nobody. */
  readonly users?: DatabaseUsers;
}

/** A request that the double got. */
export interface VaultRequest {
  readonly method: string;
  /** Below `/v1/`, with its query. */
  readonly path: string;
  readonly namespace: string;
  readonly token: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
  /** By the clock of the double. */
  readonly at: number;
}

/**
 * Vault's documented HTTP API in this process, without storage and without Vault: what is tested with it was not tested
 * with Vault. Policies, mounts, roles and secrets are made through the API, as with a real one.
 */
export interface VaultDouble extends AsyncDisposable {
  readonly implementation: 'double';
  readonly url: string;
  readonly port: number;
  /** Of a token that may do anything, and never expires. */
  readonly rootToken: string;
  /** All requests in order, those that had a fault included; the last 10 000. */
  readonly requests: readonly VaultRequest[];
  /** How many tokens, without the root's, and leases are in force. */
  readonly counts: { readonly tokens: number; readonly leases: number };
  /** Moves its clock on, and takes back what is due then. */
  advance(ms: number): Promise<void>;
  /** From now on requests have a fault, until `recover` or for as many `times`. A later fault goes before an earlier one. */
  fail(fault: VaultFault, scope?: FaultScope): void;
  /** Ends all faults, and listens again after `down`. */
  recover(): Promise<void>;
  /** Closes its port and all connections; what it holds stays. */
  down(): Promise<void>;
}

const mostRequests = 10_000;

/** Starts a double of Vault on a free port of this machine. */
export async function startVaultDouble(options: VaultDoubleOptions = {}): Promise<VaultDouble> {
  const { tls, now = Date.now } = options;
  let ahead = 0;
  const state = createState(() => now() + ahead);
  state.namespaces.set('', createNamespace(state));
  const root: Token = createToken(state, '', { policies: ['root'], path: 'auth/token/root', renewable: false });
  root.expiresAt = undefined;

  const opened: AsyncDisposable[] = [];
  const requests: VaultRequest[] = [];
  const faults: { readonly fault: VaultFault; readonly path: RegExp; left: number }[] = [];
  const closing = new AbortController();

  const faultFor = (path: string) => {
    const found = faults.findLast((each) => each.left > 0 && each.path.test(path));
    if (found) found.left -= 1;
    return found?.fault;
  };
  const respond = async (received: ReceivedCall, response: ServerResponse) => {
    const { call, search, wrapTtl } = received;
    requests.push({ ...call, path: `${call.path}${search}`, at: state.now() });
    if (requests.length > mostRequests) requests.shift();
    const fault = faultFor(call.path);
    if (fault?.kind === 'cut') return void response.socket?.destroy();
    if (fault?.kind === 'slow') await delay(fault.ms, undefined, { signal: closing.signal, ref: false });
    const instead = fault && faultReply(fault, call.path, search);
    const reply =
      instead ?? (await answer({ state, users: options.users, keep: (one) => opened.push(one) }, call, fault));
    // Times in an answer are those of the clock of the double.
    response.setHeader('date', new Date(state.now()).toUTCString());
    send(response, wrapTtl === undefined || instead ? reply : wrap(state, reply, wrapTtl, call.path));
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    readCall(request)
      .then((received) => ('status' in received ? send(response, received) : respond(received, response)))
      .catch((error: unknown) => {
        if (!closing.signal.aborted)
          send(response, refuse(500, error instanceof Error ? error.message : String(error)));
      });
  };
  let server = await listen(onRequest, tls, 0);
  const { port } = server.address() as AddressInfo;

  const down = async () => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return {
    implementation: 'double',
    url: `${tls ? 'https' : 'http'}://localhost:${port}`,
    port,
    rootToken: root.id,
    requests,
    get counts() {
      return { tokens: state.tokens.size - 1, leases: state.leases.size };
    },
    async advance(ms) {
      ahead += ms;
      await expire(state);
    },
    fail: (fault, { path = /^/, times = Infinity } = {}) => void faults.push({ fault, path, left: times }),
    async recover() {
      faults.length = 0;
      if (!server.listening) server = await listen(onRequest, tls, port);
    },
    down,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await down();
      for (const each of opened) await each[Symbol.asyncDispose]();
    },
  };
}

async function listen(
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
  tls: VaultDoubleOptions['tls'],
  port: number,
): Promise<Server> {
  const server = tls
    ? createHttpsServer({ cert: tls.certificate, key: tls.key }, onRequest)
    : createHttpServer(onRequest);
  server.listen(port, 'localhost');
  await once(server, 'listening');
  return server;
}

function send(response: ServerResponse, { status, body, headers }: VaultReply): void {
  if (response.destroyed) return;
  const type = typeof body === 'string' ? 'text/html' : 'application/json';
  response.writeHead(status, { 'cache-control': 'no-store', 'content-type': type, ...headers });
  response.end(body === undefined || typeof body === 'string' ? body : `${JSON.stringify(body)}\n`);
}
