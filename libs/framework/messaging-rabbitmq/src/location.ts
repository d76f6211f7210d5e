import type { Credentials, Secret } from '@org/config';
import type { ConnectionOptions } from 'rabbitmq-client';

/** Where the broker is and who connects, as both are now in force. */
export interface Location {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly virtualHost: string;
  /** For messages: without the password. */
  readonly shown: string;
}

export const ports = { 'amqp:': 5672, 'amqps:': 5671 } as const;

/** How often the two sides show each other that they live, in seconds; one that does not for twice as long is gone. */
const heartbeatSeconds = 5;
/** As large as the broker's own default, so that a large body takes few frames, and a large header its one. */
export const frameBytes = 131_072;

/**
 * Reads where to connect to. Asked for at each connection, since user and password may rotate.
 *
 * @throws {TypeError} for a URL that says more than this adapter reads.
 */
export function readLocation(url: Secret<string>, credentials: Secret<Credentials> | undefined): Location {
  const parsed = new URL(url.reveal());
  const [unknown] = parsed.searchParams.keys();
  if (unknown !== undefined)
    throw new TypeError(`Expected BROKER_URL to say nothing behind a \`?\`, got \`${unknown}\``);
  const secure = parsed.protocol === 'amqps:';
  const hostname = parsed.hostname.replace(/^\[(.*)\]$/, '$1') || 'localhost';
  const port = Number(parsed.port) || ports[secure ? 'amqps:' : 'amqp:'];
  const virtualHost = decodeURIComponent(parsed.pathname.slice(1)) || '/';
  const given = credentials?.reveal();
  // As the specification of these URLs says; the broker lets `guest` in from its own machine alone.
  const username = given?.username ?? (decodeURIComponent(parsed.username) || 'guest');
  const password = given?.password ?? (decodeURIComponent(parsed.password) || 'guest');
  const path = virtualHost === '/' ? '' : `/${encodeURIComponent(virtualHost)}`;
  const shown = `${parsed.protocol}//${encodeURIComponent(username)}@${parsed.hostname || hostname}:${port}${path}`;
  return { secure, hostname, port, username, password, virtualHost, shown };
}

/** The options of the client. It connects once: whoever uses it makes another one, with what is then in force. */
export function clientOptions(location: Location, connectionName: string, connectTimeoutMs: number): ConnectionOptions {
  const { secure, hostname, port, username, password, virtualHost } = location;
  const never = 2 ** 31 - 1;
  return {
    hostname,
    port,
    username,
    password,
    vhost: virtualHost,
    ...(secure && { tls: true }),
    connectionName,
    connectionTimeout: connectTimeoutMs,
    acquireTimeout: connectTimeoutMs,
    heartbeat: heartbeatSeconds,
    frameMax: frameBytes,
    noDelay: true,
    retryLow: never,
    retryHigh: never,
  };
}
