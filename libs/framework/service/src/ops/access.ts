import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Secret } from '@org/config';
import { ServiceError } from '@org/errors';

/**
 * Lets a caller of a handler that is not public in: by `OPS_TOKEN` where there is one, else from loopback only.
 * From loopback the `Host` must be loopback too, so that no web page can reach the port through a name of its own.
 *
 * @throws {ServiceError} unauthenticated, OPS_TOKEN_REQUIRED; permission_denied, OPS_LOOPBACK_ONLY.
 */
export function assertAccess(request: IncomingMessage, token: Secret<string> | undefined): void {
  if (token) {
    const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given !== undefined && sameText(given, token.reveal())) return;
    const message = 'Expected the header `Authorization: Bearer …` with the token of OPS_TOKEN';
    throw new ServiceError('unauthenticated', message, { reason: 'OPS_TOKEN_REQUIRED' });
  }
  if (isLoopback(request.socket.remoteAddress) && isLoopback(hostName(request.headers.host))) return;
  const message =
    'Without OPS_TOKEN this answers to callers on the same host only. Set OPS_TOKEN to ask from elsewhere';
  throw new ServiceError('permission_denied', message, { reason: 'OPS_LOOPBACK_ONLY' });
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
