import type { SecretsCore } from './core.ts';
import type { Followed } from './follow.ts';
import { leaseOf } from './stored-secret.ts';

/** What an operator may see of a secret: all but its value. */
export function describeSecret({ clock, scheme }: SecretsCore, followed: Followed) {
  const { version, confirmedAt } = followed.generation();
  const failure = followed.failure();
  const lease = leaseOf(followed);
  return {
    secret: `${scheme}:${followed.path}`,
    ...(version !== undefined && { version }),
    confirmedAt: new Date(confirmedAt).toISOString(),
    ageSeconds: Math.round((clock.now() - confirmedAt) / 1000),
    ...(lease && { lease: { endsAt: lease.endsAt.toISOString(), renewable: lease.renewable } }),
    ...(failure && {
      failing: {
        since: new Date(failure.since).toISOString(),
        code: failure.error.code,
        reason: failure.error.message,
      },
    }),
  };
}
