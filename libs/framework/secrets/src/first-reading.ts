import type { ServiceError } from '@org/errors';
import type { SecretsCore } from './core.ts';
import { follow, type Followed } from './follow.ts';
import { retryAfterMs } from './schedule.ts';
import { isTransient, takeReading } from './take.ts';

/** How long a store that does not answer is asked for a secret that nobody had yet, in milliseconds. */
const patienceMs = 20_000;

/**
 * Reads a path for the first time and follows it; a store that is away is asked again for twenty seconds.
 *
 * @param onFailure Told of each attempt that failed.
 * @throws {ServiceError} of the last attempt.
 */
export async function followFromFirst(
  core: SecretsCore,
  path: string,
  onFailure: (error: ServiceError) => void,
): Promise<Followed> {
  const { clock, logger } = core;
  const endsAt = clock.now() + patienceMs;
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt(core, path);
    } catch (thrown) {
      const error = thrown as ServiceError;
      onFailure(error);
      const waitMs = retryAfterMs(failures, clock);
      if (!isTransient(error) || clock.now() + waitMs >= endsAt) throw error;
      const { code, reason, message } = error;
      if (failures === 1) logger.warn({ code, reason }, `${message}. It is tried again`);
      await wait(core, waitMs);
    }
  }
}

/** Watches before it reads, so that no change falls between the two. */
async function attempt(core: SecretsCore, path: string): Promise<Followed> {
  let isEarly = false;
  let changed = (): void => void (isEarly = true);
  const watching = core.provider.watch?.(path, () => changed());
  try {
    const followed = follow(core, path, await takeReading(core, path, []));
    changed = followed.changed;
    if (isEarly) changed();
    return {
      ...followed,
      stop() {
        watching?.[Symbol.dispose]();
        followed.stop();
      },
    };
  } catch (error) {
    watching?.[Symbol.dispose]();
    throw error;
  }
}

function wait({ clock, closed }: SecretsCore, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      closed.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    closed.addEventListener('abort', end);
    if (closed.aborted) end();
  });
}
