import type { VaultState } from './state.ts';

/**
 * Takes back what is due: tokens with all that was leased to them, leases, and what was wrapped.
 *
 * @see https://developer.hashicorp.com/vault/docs/concepts/lease
 */
export async function expire(state: VaultState): Promise<void> {
  const now = state.now();
  for (const token of [...state.tokens.values()]) {
    if (token.expiresAt !== undefined && token.expiresAt <= now) await revokeToken(state, token.id);
  }
  for (const lease of [...state.leases.values()]) if (lease.expiresAt <= now) await revokeLease(state, lease.id);
  for (const [id, { expiresAt }] of [...state.wrapped]) if (expiresAt <= now) state.wrapped.delete(id);
}

export async function revokeToken(state: VaultState, id: string): Promise<void> {
  if (!state.tokens.delete(id)) return;
  const leased = [...state.leases.values()].filter(({ tokenId }) => tokenId === id);
  for (const lease of leased) await revokeLease(state, lease.id);
}

export async function revokeLease(state: VaultState, id: string): Promise<void> {
  const lease = state.leases.get(id);
  if (!lease) return;
  state.leases.delete(id);
  await lease.revoke();
}

/**
 * How long a token or lease lives from now on when it is renewed: as asked or as at first, a period again, but never
 * past its maximum. @see https://developer.hashicorp.com/vault/api-docs/system/leases#renew-lease
 */
export function renewedSeconds(
  renewed: {
    readonly issuedAt: number;
    readonly ttlSeconds: number;
    readonly maxTtlSeconds: number;
    readonly periodSeconds?: number;
  },
  increment: number,
  now: number,
): { seconds: number; warnings: string[] } {
  const { issuedAt, ttlSeconds, maxTtlSeconds, periodSeconds = 0 } = renewed;
  if (periodSeconds > 0) return { seconds: periodSeconds, warnings: [] };
  const wanted = increment > 0 ? increment : ttlSeconds;
  if (maxTtlSeconds === 0) return { seconds: wanted, warnings: [] };
  const left = Math.max(0, Math.floor((issuedAt + maxTtlSeconds * 1000 - now) / 1000));
  if (wanted <= left) return { seconds: wanted, warnings: [] };
  const warning = `TTL of "${wanted}s" exceeded the effective max_ttl of "${left}s"; TTL value is capped accordingly`;
  return { seconds: left, warnings: [warning] };
}
