import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createEngine } from './engine.ts';
import { MongoFault } from './mongo-fault.ts';
import { readRequests, writeReply, type Request } from './wire.ts';

/** What goes wrong with the next command of a name. */
export type Fault = 'close' | 'hang' | { readonly code: number; readonly codeName: string; readonly message?: string };

/**
 * What speaks MongoDB's protocol, with mingo behind it. It shows that the adapter sends what a server takes and understands
 * what it says; it is no MongoDB.
 */
export interface MongoDouble extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** The commands that came, by their names and without those of the driver itself. */
  readonly commands: readonly Record<string, unknown>[];
  /** Who logged in: `user:password`, by the mechanism PLAIN. */
  readonly logins: readonly string[];
  /** How many connections stand open. */
  readonly connections: number;
  fail(command: string, fault: Fault): void;
}

const ofDriver = ['hello', 'isMaster', 'ismaster', 'ping', 'endSessions', 'saslStart'];
const greeting = {
  helloOk: true,
  ismaster: true,
  isWritablePrimary: true,
  maxBsonObjectSize: 16 * 1024 * 1024,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  logicalSessionTimeoutMinutes: 30,
  minWireVersion: 0,
  maxWireVersion: 21,
  readOnly: false,
  ok: 1,
};

export async function startMongoDouble({ wireVersion = 21 } = {}): Promise<MongoDouble> {
  const engine = createEngine();
  const sockets = new Set<Socket>();
  const commands: Record<string, unknown>[] = [];
  const logins: string[] = [];
  const faults = new Map<string, Fault[]>();

  const answer = (command: Record<string, unknown>): object | 'close' | 'hang' => {
    const [name = ''] = Object.keys(command);
    if (!ofDriver.includes(name)) commands.push(command);
    const fault = faults.get(name)?.shift();
    if (typeof fault === 'string') return fault;
    if (fault) return failure(new MongoFault(fault.code, fault.codeName, fault.message));
    if (name === 'hello' || name.toLowerCase() === 'ismaster') return { ...greeting, maxWireVersion: wireVersion };
    if (name === 'ping' || name === 'endSessions') return { ok: 1 };
    if (name === 'saslStart') {
      // Of the mechanism PLAIN (RFC 4616): nobody, the user and the password.
      const [, ...pair] = Buffer.from(command.payload as Uint8Array)
        .toString()
        .split('\0');
      logins.push(pair.join(':'));
      return { conversationId: 1, done: true, payload: new Uint8Array(), ok: 1 };
    }
    try {
      return { ...engine(name, command), ok: 1 };
    } catch (error) {
      return failure(error instanceof MongoFault ? error : new MongoFault(1, 'InternalError', String(error)));
    }
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    let received: Buffer[] = [];
    let size = 0;
    socket.on('data', (data) => {
      received.push(data);
      size += data.length;
      // What is large comes in many pieces.
      const [first] = received;
      if (first && first.length >= 4 && size < first.readInt32LE(0)) return;
      const { requests, rest } = readRequests(Buffer.concat(received));
      received = rest.length > 0 ? [rest] : [];
      size = rest.length;
      for (const request of requests) send(socket, request, answer(request.command));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `mongodb://127.0.0.1:${port}/tests`,
    commands,
    logins,
    get connections() {
      return sockets.size;
    },
    fail: (command, fault) => void faults.set(command, [...(faults.get(command) ?? []), fault]),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(socket: Socket, request: Request, given: object | 'close' | 'hang'): void {
  if (given === 'close') socket.destroy();
  else if (given !== 'hang') socket.write(writeReply(request, given as Record<string, unknown>));
}

function failure({ code, codeName, message }: MongoFault): object {
  return { ok: 0, code, codeName, errmsg: message };
}
