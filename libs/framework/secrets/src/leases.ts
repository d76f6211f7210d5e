import { callProvider } from './call.ts';
import type { SecretsCore } from './core.ts';
import type { SecretLease } from './provider.ts';
import type { Clock } from './clock.ts';

/** The leases that a store was granted and that still run, those of values included that others have replaced. */
export interface Leases {
  /** Keeps a lease, or its new end, until it is over. */
  hold(lease: SecretLease | undefined, endsAt: number): void;
  /** Gives all of them back, as far as the store takes them. Never rejects. */
  endAll(core: SecretsCore): Promise<void>;
}

export function createLeases(clock: Clock): Leases {
  const held = new Map<string, { readonly lease: SecretLease; readonly endsAt: number }>();
  return {
    hold(lease, endsAt) {
      for (const [id, { endsAt: end }] of held) if (end <= clock.now()) held.delete(id);
      if (lease?.id !== undefined) held.set(lease.id, { lease, endsAt });
    },
    async endAll(core) {
      const { provider, logger, scheme } = core;
      const running = [...held.values()].filter(({ endsAt }) => endsAt > clock.now());
      held.clear();
      if (!provider.revoke) return;
      const doing = `end a lease of \`${scheme}:\` at ${provider.location}`;
      const ended = await Promise.allSettled(
        running.map(({ lease }) =>
          callProvider(core, { operation: 'revoke', doing }, (signal) => provider.revoke!(lease, { signal })),
        ),
      );
      const failures = ended.filter((outcome) => outcome.status === 'rejected');
      if (failures.length === 0) return;
      const { message } = failures[0]!.reason as Error;
      logger.warn({ leases: failures.length }, `Leases were not given back, and run out by themselves: ${message}`);
    },
  };
}
