import pg from 'pg';

/** The part of a connection that `pg` uses itself to cancel. */
interface RawConnection {
  connect(port: number, host: string): void;
  requestSsl(): void;
  cancel(process: number, key: number): void;
  readonly stream: { destroy(): void };
  once(event: 'connect' | 'sslconnect' | 'end' | 'error', listener: () => void): void;
  on(event: 'error', listener: () => void): void;
}

/** A session as its server names it. */
export interface Session {
  readonly processID: number | null;
  readonly secretKey: number | null;
}

/**
 * Asks a server to give up what a session runs. Resolves when the server has closed the connection of the request: it has
 * told the session by then.
 *
 * @see https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 */
export function cancel(
  { processID, secretKey }: Session,
  { host, port, ssl }: { host: string; port: number; ssl: pg.ClientConfig['ssl'] },
  timeoutMs: number,
): Promise<void> {
  if (processID === null || secretKey === null) return Promise.resolve();
  const connection = new pg.Connection({ ssl }) as unknown as RawConnection;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  const ask = () => connection.cancel(processID, secretKey);
  connection.once('connect', () => (ssl ? connection.requestSsl() : ask()));
  connection.once('sslconnect', ask);
  connection.on('error', resolve);
  connection.once('end', resolve);
  if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}` as unknown as number, '');
  else connection.connect(port, host);
  return promise.finally(() => {
    clearTimeout(timer);
    connection.stream.destroy();
  });
}
