import type { Server } from 'node:http';
import { Server as TcpServer, type Socket } from 'node:net';
import type { RestExchange } from './exchange.ts';

/** The connections of a server and what goes on over them. */
export interface Connections {
  /** Over which requests come. */
  readonly add: (socket: Socket) => void;
  /** Below the former where there is TLS, which clients may never get through. */
  readonly addRaw: (socket: Socket) => void;
  readonly begin: (exchange: RestExchange) => void;
  readonly end: (exchange: RestExchange) => void;
  /** What goes on. */
  readonly exchanges: ReadonlySet<RestExchange>;
  /** What goes on over a connection, the oldest first. */
  readonly over: (socket: unknown) => RestExchange[];
  /** Takes no more connections, and closes each as soon as nothing goes on over it. Ends when none is left. */
  close(server: Server): Promise<void>;
  /** Breaks what is left. */
  destroy(server: Server): Promise<void>;
}

export function createConnections(): Connections {
  const sockets = new Set<Socket>();
  const raw = new Set<Socket>();
  const exchanges = new Set<RestExchange>();
  let closing: PromiseWithResolvers<void> | undefined;

  function settle(): void {
    if (closing && sockets.size === 0 && exchanges.size === 0) closing.resolve();
  }

  function closeIdle(): void {
    const busy = new Set([...exchanges].map(({ request }) => request.socket));
    for (const socket of sockets) if (!busy.has(socket) && !socket.writableEnded) socket.destroySoon();
  }

  return {
    exchanges,
    over: (socket) => [...exchanges].filter(({ request }) => request.socket === socket),
    add(socket) {
      sockets.add(socket);
      socket.once('close', () => {
        sockets.delete(socket);
        settle();
      });
      if (closing) closeIdle();
    },
    addRaw(socket) {
      raw.add(socket);
      socket.once('close', () => raw.delete(socket));
    },
    begin: (exchange) => void exchanges.add(exchange),
    end(exchange) {
      exchanges.delete(exchange);
      if (!closing) return;
      closeIdle();
      settle();
    },
    close(server) {
      if (closing) return closing.promise;
      closing = Promise.withResolvers();
      // `server.close()` of HTTP also breaks connections over which an answer is still being sent.
      TcpServer.prototype.close.call(server);
      closeIdle();
      settle();
      return closing.promise;
    },
    destroy(server) {
      return new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of [...sockets, ...raw]) socket.destroy();
      });
    },
  };
}
