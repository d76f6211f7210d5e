import { randomBytes } from 'node:crypto';
import { parseSeconds } from './duration.ts';
import { envelope, invalid, ok, type VaultReply } from './reply.ts';
import { isoTime, type VaultState } from './state.ts';

const notValid = invalid('wrapping token is not valid or does not exist');

/**
 * Keeps an answer back, and gives a token with which it can be had once.
 *
 * @see https://developer.hashicorp.com/vault/docs/concepts/response-wrapping
 */
export function wrap(state: VaultState, reply: VaultReply, wrapTtl: string, path: string): VaultReply {
  const ttlSeconds = parseSeconds(wrapTtl);
  if (ttlSeconds === undefined) return invalid('error parsing wrap TTL');
  if (reply.status !== 200) return reply;
  const token = `hvs.${randomBytes(18).toString('base64url')}`;
  const now = state.now();
  const kept = { body: reply.body, createdAt: now, expiresAt: now + ttlSeconds * 1000, ttlSeconds, path };
  state.wrapped.set(token, kept);
  const accessor = randomBytes(18).toString('base64url');
  const wrap_info = { token, accessor, ttl: ttlSeconds, creation_time: isoTime(now), creation_path: path };
  return envelope({ wrap_info });
}

/** The token stands in the body, or is that of the request. @see https://developer.hashicorp.com/vault/api-docs/system/wrapping-unwrap */
export function unwrap(state: VaultState, given: string): VaultReply {
  const kept = state.wrapped.get(given);
  if (!kept) return notValid;
  state.wrapped.delete(given);
  return { status: 200, body: kept.body };
}

export function lookUpWrapped(state: VaultState, given: string): VaultReply {
  const kept = state.wrapped.get(given);
  if (!kept) return notValid;
  return ok({
    creation_time: isoTime(kept.createdAt),
    creation_ttl: kept.ttlSeconds,
    creation_path: kept.path,
  });
}
