import type { IncomingMessage } from 'node:http';
import { BlockList, SocketAddress, isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** Who asks and over what, seen past the proxies that are trusted to say so. */
export interface ClientAddress {
  /** Whether any proxy is trusted at all. */
  readonly trusts: boolean;
  /**
   * Whether to believe what an address says about the one before it: Express's `trust proxy`, so that `request.ip` and
   * `request.protocol` of middleware agree. `hop` counts from 0, which is the address at the other end of the socket.
   */
  readonly trust: (address: string | undefined, hop: number) => boolean;
  /** The client's address, IPv4 without an IPv6 prefix; `undefined` when the client is gone already. */
  addressOf(request: IncomingMessage): string | undefined;
  /** What the client speaks. */
  protocolOf(request: IncomingMessage): 'http' | 'https';
}

/** The names for ranges that Express has as well. */
const namedRanges: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** The most proxies that are looked through, so that a long header costs no more than a short one. */
const mostHops = 16;

export const expectedProxy =
  'an address, a range such as `10.0.0.0/8`, or one of `loopback`, `linklocal`, `uniquelocal`';

/**
 * Looks through proxies: `x-forwarded-for` is read from the right for as long as the addresses are trusted, and the first
 * that is not is the client's. An entry that is no address ends the search at the proxy that sent it. Nothing of the
 * kind is read when the other end of the socket is not trusted.
 *
 * @param trusted Addresses, ranges and names of ranges. Default: none.
 * @throws {TypeError} when one of them is neither.
 */
export function createClientAddress(trusted: readonly string[] = []): ClientAddress {
  const proxies = new BlockList();
  for (const entry of trusted) {
    const problem = problemOfProxy(entry);
    if (problem)
      throw new TypeError(`Expected each of \`trusted\` to be ${expectedProxy}, got \`${entry}\`: ${problem}`);
    for (const range of namedRanges[entry] ?? [entry]) addRange(proxies, range);
  }
  const none = trusted.length === 0;

  function trust(address: string | undefined, hop: number): boolean {
    if (none || address === undefined || hop >= mostHops) return false;
    const family = isIP(address);
    return family !== 0 && proxies.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }

  return {
    trusts: !none,
    trust,
    addressOf({ socket, headers }) {
      const peer = socket.remoteAddress;
      const forwarded = headers['x-forwarded-for'] as string | undefined;
      if (forwarded === undefined || !trust(peer, 0)) return peer && canonical(peer);
      return firstUntrusted(peer!, forwarded, trust);
    },
    protocolOf({ socket, headers }) {
      if ((socket as Partial<TLSSocket>).encrypted) return 'https';
      const forwarded = headers['x-forwarded-proto'];
      if (typeof forwarded !== 'string' || !trust(socket.remoteAddress, 0)) return 'http';
      return /^\s*https\s*(?:,|$)/i.test(forwarded) ? 'https' : 'http';
    },
  };
}

/** What is wrong with an entry of the list of proxies; `undefined` when nothing is. */
export function problemOfProxy(entry: string): string | undefined {
  if (Object.hasOwn(namedRanges, entry)) return undefined;
  const [address = '', prefix, ...more] = entry.split('/');
  const family = address.includes('%') ? 0 : isIP(address);
  if (family === 0 || more.length > 0) return 'it is none of these';
  if (prefix === undefined) return undefined;
  const most = family === 6 ? 128 : 32;
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > most) return `its prefix is not a number from 1 to ${most}`;
  return Number(prefix) === 0 ? 'it trusts everybody, so that anybody could pass for anybody' : undefined;
}

function addRange(proxies: BlockList, range: string): void {
  const [address = '', prefix] = range.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (prefix === undefined) proxies.addAddress(address, family);
  else proxies.addSubnet(address, Number(prefix), family);
}

function firstUntrusted(peer: string, forwarded: string, trust: ClientAddress['trust']): string {
  let last = peer;
  let end = forwarded.length;
  for (let hop = 1; hop <= mostHops && end >= 0; hop += 1) {
    const comma = end === 0 ? -1 : forwarded.lastIndexOf(',', end - 1);
    const address = addressIn(forwarded.slice(comma + 1, end));
    if (address === undefined) break;
    last = address;
    if (!trust(address, hop)) break;
    end = comma;
  }
  return canonical(last);
}

/** The address of an entry, without the port that some proxies add: `192.0.2.7:4711`, `[2001:db8::7]:4711`. */
function addressIn(entry: string): string | undefined {
  // The longest address and port have 47 characters; a zone (`%eth0`) means nothing on another machine.
  if (entry.length > 64 || entry.includes('%')) return undefined;
  const text = entry.trim();
  if (isIP(text) !== 0) return text;
  const [, v6 = '', v4 = ''] = /^(?:\[(.+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d{1,5})?$/.exec(text) ?? [];
  if (isIP(v6) === 6) return v6;
  return isIP(v4) === 4 ? v4 : undefined;
}

/** One spelling for each address, so that limits and logs know a client again: RFC 5952, and IPv4 as such. */
function canonical(address: string): string {
  if (address.startsWith(mapped) && address.includes('.')) return address.slice(mapped.length);
  if (!address.includes(':') || address.includes('%')) return address;
  const spelled = new SocketAddress({ address, family: 'ipv6' }).address;
  return spelled.startsWith(mapped) ? spelled.slice(mapped.length) : spelled;
}

/** What stands before an IPv4 address in an IPv6 address: RFC 4291 section 2.5.5.2. */
const mapped = '::ffff:';
