import { untilAborted } from '@org/context';
import { ServiceError } from '@org/errors';
import type { SecretsCore } from './core.ts';
import type { Followed } from './follow.ts';

/** The readiness check of a store: it answers, and all that is served of it could be read again when it was due. */
export async function checkSecrets(
  core: SecretsCore,
  followed: ReadonlyMap<string, Followed>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, provider, scheme } = core;
  const failing = [...followed.values()].filter((each) => each.failure());
  const first = failing[0]?.failure();
  if (first) {
    const seconds = Math.round((clock.now() - first.since) / 1000);
    const count = `${failing.length} of ${followed.size} secrets of ${scheme}:`;
    const example = `\`${failing[0]!.path}\` for ${seconds} s (${first.error.code})`;
    throw new ServiceError(
      'unavailable',
      `The last values of ${count} stay in force: they cannot be read again, ${example}`,
      {
        reason: 'SECRETS_STALE',
      },
    );
  }
  await untilAborted(signal, () => provider.check?.(signal));
}
