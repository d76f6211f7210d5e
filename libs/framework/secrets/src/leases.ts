import { callProvider } from './call.ts';
import type { Clock } from './clock.ts';
import type { SecretsCore } from './core.ts';
import type { SecretLease } from './provider.ts';

/** The leases that a store was granted and that still run, those of values included that others have replaced. */
export interface Leases {
  /** Keeps a lease, or its new end, until it is over. */
  hold(lease: SecretLease | undefined, endsAt: number): void;
  /** Gives a lease back whose value nobody has. Never rejects: what the store does not take is given back at the end. */
  end(core: SecretsCore, lease: SecretLease | undefined): Promise<void>;
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
    async end(core, lease) {
      if (lease?.id === undefined || !held.has(lease.id)) return;
      const { id } = lease;
      await revoke(core, lease).then(
        () => held.delete(id),
        () => {},
      );
    },
    async endAll(core) {
      const running = [...held.values()].filter(({ endsAt }) => endsAt > clock.now());
      held.clear();
      const ended = await Promise.allSettled(running.map(({ lease }) => revoke(core, lease)));
      const failures = ended.filter((outcome) => outcome.status === 'rejected');
      if (failures.length === 0) return;
      const { message } = failures[0]!.reason as Error;
      core.logger.warn(
        { leases: failures.length },
        `Leases were not given back, and run out by themselves: ${message}`,
      );
    },
  };
}

async function revoke(core: SecretsCore, lease: SecretLease): Promise<void> {
  const { provider, scheme } = core;
  if (!provider.revoke) return;
  const doing = `end a lease of \`${scheme}:\` at ${provider.location}`;
  await callProvider(core, { operation: 'revoke', doing }, (signal) => provider.revoke!(lease, { signal }));
}
