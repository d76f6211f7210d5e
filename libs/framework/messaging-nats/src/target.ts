import { readFileSync } from 'node:fs';
import { credsAuthenticator, type Authenticator, type NodeConnectionOptions } from '@nats-io/transport-node';
import type { TransportOptions } from '@org/messaging';

/** How often the server is asked whether it is there, and how many answers may be missing, before the connection is given up. */
const [pingIntervalMs, missingPongs] = [2_000, 2];

/** What `BROKER_URL` may say behind its `?`. */
const known = ['credentials', 'ca', 'certificate', 'key', 'replicas'];

type Where = Pick<TransportOptions, 'url' | 'credentials'>;

/**
 * What to connect with now: secrets are asked for and files are read anew for each connection, since they rotate.
 *
 * @throws {TypeError} for a URL that says what this adapter does not know.
 */
export function connectionOptions(where: Where, service: string, timeoutMs: number): NodeConnectionOptions {
  const url = parse(where);
  const [ca, certificate, key] = ['ca', 'certificate', 'key'].map((name) => url.searchParams.get(name) ?? undefined);
  const files = {
    ...(ca && { caFile: ca }),
    ...(certificate && { certFile: certificate }),
    ...(key && { keyFile: key }),
  };
  const secure = url.protocol === 'tls:';
  return {
    servers: hostsOf(where),
    name: service,
    timeout: timeoutMs,
    pingInterval: pingIntervalMs,
    maxPingOut: missingPongs,
    authenticator: authenticatorOf(where, url),
    // A connection that is lost is opened anew by this adapter: the client would keep what is published meanwhile without limit.
    reconnect: false,
    ignoreClusterUpdates: true,
    ...((secure || Object.keys(files).length > 0) && { tls: files }),
  };
}

/** How many servers are to keep each stream: `?replicas=3`. Default: as it is, and 1 for what is made. */
export function replicasOf(where: Where): number | undefined {
  const replicas = parse(where).searchParams.get('replicas');
  if (replicas === null) return undefined;
  if (!/^[1-5]$/.test(replicas))
    throw new TypeError(`Expected \`replicas\` of BROKER_URL to be from 1 to 5, got \`${replicas}\``);
  return Number(replicas);
}

/** Where the server is, without secrets. */
export function placeOf(where: Where): string {
  const { protocol, hostname, port } = parse(where);
  return `${protocol}//${hostname}:${port || 4222}`;
}

function parse({ url }: Where): URL {
  const parsed = new URL(firstHost(url.reveal()));
  for (const name of parsed.searchParams.keys()) {
    if (!known.includes(name)) {
      throw new TypeError(`Expected BROKER_URL to say one of ${known.join(', ')} behind its \`?\`, got \`${name}\``);
    }
  }
  return parsed;
}

/** A URL with one of its hosts, since several are no URL of the standard's. */
function firstHost(url: string): string {
  return url.replace(/,[^/?#]*/, '');
}

function hostsOf({ url }: Where): string[] {
  const hosts = /^[^:]+:\/\/(?:[^@/?#]*@)?([^/?#]*)/.exec(url.reveal())?.[1] ?? '';
  return hosts.split(',').map((host) => (/:\d+$/.test(host) ? host : `${host}:4222`));
}

function authenticatorOf({ credentials }: Where, url: URL): Authenticator {
  const pair = credentials?.reveal();
  const file = url.searchParams.get('credentials');
  // What `nsc` writes into a credentials file may stand in a secret store as well, as the password of a pair.
  if (pair && isCredentialsFile(pair.password)) return credsAuthenticator(Buffer.from(pair.password));
  if (!pair && file !== null) return credsAuthenticator(readFileSync(file));
  const [username, password] = pair
    ? [pair.username, pair.password]
    : [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  return () => {
    if (username === '') return undefined;
    return password === '' ? { auth_token: username } : { user: username, pass: password };
  };
}

function isCredentialsFile(text: string): boolean {
  return text.includes('-----BEGIN NATS USER JWT-----');
}
