import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Secret } from '@org/config';
import { ServiceError } from '@org/errors';
import type { OpsAccess } from '@org/runtime';

/**
 * Lets a caller in: by `OPS_TOKEN` where there is one, else an `operator` from loopback. From loopback the `Host` must be
 * loopback too, so that no web page can reach the port through a name of its own.
 *
 * @throws {ServiceError} unauthenticated, OPS_TOKEN_REQUIRED; permission_denied, OPS_LOOPBACK_ONLY, OPS_TOKEN_UNSET.
 */
export function assertAccess(request: IncomingMessage, access: OpsAccess, token: Secret<string> | undefined): void {
  if (access === 'public') return;
  if (token) return assertToken(request, token);
  if (access === 'token') {
    const message = 'This answers only to whoever has OPS_TOKEN, and none is set. Set OPS_TOKEN and send it';
    throw new ServiceError('permission_denied', message, { reason: 'OPS_TOKEN_UNSET' });
  }
  if (isLoopback(request.socket.remoteAddress) && isLoopback(hostName(request.headers.host))) return;
  const message =
    'Without OPS_TOKEN this answers to callers on the same host only. Set OPS_TOKEN to ask from elsewhere';
  throw new ServiceError('permission_denied', message, { reason: 'OPS_LOOPBACK_ONLY' });
}

/**
 * Refuses what a web page of another origin makes a browser ask, since the browser may be on loopback. Programs send
 * neither header; a browser leaves `Sec-Fetch-Site` out where the port is neither on loopback nor behind TLS.
 *
 * @see https://www.w3.org/TR/fetch-metadata/
 * @throws {ServiceError} permission_denied, OPS_CROSS_ORIGIN.
 */
export function assertSameOrigin({ headers }: IncomingMessage): void {
  const site = headers['sec-fetch-site'];
  if (site === 'same-origin' || site === 'none') return;
  if (site === undefined && (headers.origin === undefined || URL.parse(headers.origin)?.host === headers.host)) return;
  const message = 'A web page of another origin may change nothing here. Ask from the page of the ops port itself';
  throw new ServiceError('permission_denied', message, { reason: 'OPS_CROSS_ORIGIN' });
}

function assertToken({ headers }: IncomingMessage, token: Secret<string>): void {
  const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (given !== undefined && sameText(given, token.reveal())) return;
  const message = 'Expected the header `Authorization: Bearer …` with the token of OPS_TOKEN';
  throw new ServiceError('unauthenticated', message, { reason: 'OPS_TOKEN_REQUIRED' });
}

// Digests have one length, so that the comparison tells nothing about the token's.
function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function hostName(host: string | undefined): string | undefined {
  return host?.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(localhost|::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address);
}
