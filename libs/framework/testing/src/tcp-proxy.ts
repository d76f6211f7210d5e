import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** The way that bytes go through a proxy. */
export type ProxyDirection = 'to-target' | 'to-client';

export interface TcpProxyOptions {
  /** Where connections are passed on to. */
  readonly target: { readonly host?: string; readonly port: number };
}

/** A proxy between a client and a server, by which a test plays a bad network. Disposing it resets what is open. */
export interface TcpProxy extends AsyncDisposable {
  /** Where it listens, on `127.0.0.1`. */
  readonly port: number;
  readonly counts: {
    /** How many connections were made to it, those that it refused included. */
    readonly connections: number;
    /** How many of them are open. */
    readonly open: number;
    /** How many bytes went each way. */
    readonly bytes: Readonly<Record<ProxyDirection, number>>;
  };
  /** Resets every open connection at both ends, and gives how many. New ones are passed. */
  cut(): number;
  /** Resets new connections as soon as they are made, until `accept`. Open ones go on. */
  refuse(): void;
  accept(): void;
  /**
   * Lets nothing more pass that way, in open connections and new ones, and closes nothing: for whoever waits for it the
   * connection is half-open. What was sent, its end included, is held until `pass`, or lost with `cut`. Default: both ways.
   */
  stop(...directions: ProxyDirection[]): void;
  /** Lets everything pass again, what was held first. */
  pass(): void;
}

interface Pair {
  readonly client: Socket;
  readonly target: Socket;
}

const directions: readonly ProxyDirection[] = ['to-target', 'to-client'];

/** Opens a proxy on a free port of this machine, which passes everything until it is told otherwise. */
export async function openTcpProxy({ target: { host = '127.0.0.1', port } }: TcpProxyOptions): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const stopped = new Set<ProxyDirection>();
  const bytes: Record<ProxyDirection, number> = { 'to-target': 0, 'to-client': 0 };
  let connections = 0;
  let refusing = false;

  const ends = ({ client, target }: Pair, direction: ProxyDirection) =>
    direction === 'to-target' ? ([client, target] as const) : ([target, client] as const);
  const join = (pair: Pair, direction: ProxyDirection) => {
    const [from, to] = ends(pair, direction);
    if (!stopped.has(direction)) from.pipe(to);
  };
  const part = (pair: Pair, direction: ProxyDirection) => {
    const [from, to] = ends(pair, direction);
    from.unpipe(to).pause();
  };
  const reset = (pair: Pair) => {
    if (!pairs.delete(pair)) return;
    for (const socket of [pair.client, pair.target]) socket.resetAndDestroy();
  };

  // What is half-closed stays so: each side ends when the other one does.
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    connections += 1;
    if (refusing) {
      client.on('error', () => undefined).resetAndDestroy();
      return;
    }
    const target = connect({ host, port, allowHalfOpen: true });
    const pair = { client, target };
    pairs.add(pair);
    for (const direction of directions) {
      const [from] = ends(pair, direction);
      const count = (chunk: Buffer) => void (bytes[direction] += chunk.length);
      from.on('data', count).on('error', () => reset(pair));
      from.once('close', () => client.destroyed && target.destroyed && pairs.delete(pair));
      // The listener above makes the socket flow; it is to wait until it is joined.
      from.pause();
      join(pair, direction);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const cut = () => {
    const open = [...pairs];
    open.forEach(reset);
    return open.length;
  };
  return {
    port: (server.address() as AddressInfo).port,
    get counts() {
      return { connections, open: pairs.size, bytes: { ...bytes } };
    },
    cut,
    refuse: () => void (refusing = true),
    accept: () => void (refusing = false),
    stop(...given) {
      for (const direction of given.length === 0 ? directions : given) {
        if (stopped.has(direction)) continue;
        stopped.add(direction);
        for (const pair of pairs) part(pair, direction);
      }
    },
    pass() {
      const held = [...stopped];
      stopped.clear();
      for (const direction of held) for (const pair of pairs) join(pair, direction);
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      refusing = true;
      cut();
      await closed;
    },
  };
}
