import { connect, type Socket } from 'node:net';

/** A client of the worst kind: it sends and reads as little as it likes. */
export interface Client {
  readonly socket: Socket;
  /** What it has read so far, as Latin-1; the first megabyte of it. */
  readonly text: string;
  /** Whether the connection has ended, by whomever. */
  readonly ended: boolean;
}

/** Many clients at once. Disposing them breaks their connections. */
export interface Clients extends Disposable {
  readonly all: readonly Client[];
  /** How many connections have ended. */
  ended(): number;
  /** Sends the same bytes over each connection that has not ended. */
  write(bytes: string | Uint8Array): void;
}

export interface ClientsOptions {
  readonly port: number;
  readonly count: number;
  /** What each sends at first. */
  readonly bytes?: string | Uint8Array;
  /** Whether they read what they are sent. Default: `true`. */
  readonly reads?: boolean;
}

const mostText = 2 ** 20;

/** Connects clients, and waits until all of them are connected. */
export async function openClients({ port, count, bytes, reads = true }: ClientsOptions): Promise<Clients> {
  const opened = await Promise.all(Array.from({ length: count }, () => openClient(port, bytes, reads)));
  return {
    all: opened,
    ended: () => opened.filter(({ ended }) => ended).length,
    write(more) {
      for (const { socket, ended } of opened) if (!ended) socket.write(more);
    },
    [Symbol.dispose]() {
      for (const { socket } of opened) socket.destroy();
    },
  };
}

function openClient(port: number, bytes: string | Uint8Array | undefined, reads: boolean): Promise<Client> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const client = { socket, text: '', ended: false };
    const end = () => {
      client.ended = true;
      socket.destroy();
    };
    socket.setNoDelay().setEncoding('latin1').once('close', end).once('end', end).on('error', end);
    socket.once('connect', () => {
      if (reads) socket.on('data', (chunk: string) => void (client.text.length < mostText && (client.text += chunk)));
      if (bytes !== undefined) socket.write(bytes);
      resolve(client);
    });
  });
}
