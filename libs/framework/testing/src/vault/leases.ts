import { randomBytes } from 'node:crypto';
import { parseSeconds } from './duration.ts';
import { renewedSeconds, revokeLease } from './expiry.ts';
import { envelope, invalid, noContent, ok, unsupportedPath } from './reply.ts';
import type { VaultCall, VaultReply } from './reply.ts';
import { isoTime, systemTtlSeconds, type Lease, type VaultState } from './state.ts';

export interface LeaseTraits {
  /** Where it was made, such as `database/creds/orders`. */
  readonly path: string;
  readonly tokenId: string;
  readonly ttlSeconds?: number;
  readonly maxTtlSeconds?: number;
  readonly renewable?: boolean;
  readonly revoke: Lease['revoke'];
}

export function createLease(state: VaultState, traits: LeaseTraits): Lease {
  const { ttlSeconds = systemTtlSeconds, maxTtlSeconds = systemTtlSeconds, renewable = true } = traits;
  const issuedAt = state.now();
  const lease: Lease = {
    id: `${traits.path}/${randomBytes(18).toString('base64url')}`,
    tokenId: traits.tokenId,
    renewable,
    issuedAt,
    ttlSeconds,
    maxTtlSeconds,
    revoke: traits.revoke,
    expiresAt: issuedAt + ttlSeconds * 1000,
  };
  state.leases.set(lease.id, lease);
  return lease;
}

/** `sys/leases`. @see https://developer.hashicorp.com/vault/api-docs/system/leases */
export async function handleLeases(state: VaultState, { path, body, method }: VaultCall): Promise<VaultReply> {
  const [, operation = '', inPath] = /^(renew|revoke|lookup)(?:\/(.+))?$/.exec(path) ?? [];
  if (operation === '' || method !== 'POST') return unsupportedPath;
  const id = typeof body.lease_id === 'string' ? body.lease_id : inPath;
  if (!id) return invalid('lease_id must be specified');
  const lease = state.leases.get(id);
  if (operation === 'revoke') {
    // What is unknown has nothing to be taken back.
    await revokeLease(state, id);
    return body.sync === true ? noContent : { status: 202 };
  }
  if (operation === 'lookup') return lease ? ok(lookUp(state, lease)) : invalid('invalid lease');
  return lease ? renew(state, lease, parseSeconds(body.increment) ?? 0) : invalid('lease not found');
}

function renew(state: VaultState, lease: Lease, increment: number): VaultReply {
  if (!lease.renewable) return invalid('lease is not renewable');
  const now = state.now();
  const { seconds, warnings } = renewedSeconds(lease, increment, now);
  lease.expiresAt = now + seconds * 1000;
  lease.lastRenewalAt = now;
  return envelope({
    lease_id: lease.id,
    renewable: true,
    lease_duration: seconds,
    ...(warnings.length > 0 && { warnings }),
  });
}

function lookUp(state: VaultState, lease: Lease) {
  return {
    id: lease.id,
    issue_time: isoTime(lease.issuedAt),
    expire_time: isoTime(lease.expiresAt),
    last_renewal: lease.lastRenewalAt === undefined ? null : isoTime(lease.lastRenewalAt),
    renewable: lease.renewable,
    ttl: Math.floor((lease.expiresAt - state.now()) / 1000),
  };
}
