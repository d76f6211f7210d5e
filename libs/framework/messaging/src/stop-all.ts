import { ServiceError } from '@org/errors';
import type { Running } from './transport.ts';

/** How long what was told to end may take to give its messages back, in milliseconds. */
const graceMs = 1_000;

/**
 * Stops what takes messages, and waits until all that it took is settled. When the signal aborts, handlers are told to end,
 * and what they have not finished goes back.
 */
export async function stopAll(
  running: readonly Running[],
  signal: AbortSignal,
  ending: AbortController,
): Promise<void> {
  const abandoned = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const hurry = () => {
    ending.abort(new ServiceError('cancelled', 'The service stops', { reason: 'SERVICE_STOPPING' }));
    timer = setTimeout(() => abandoned.abort(), graceMs);
  };
  if (signal.aborted) hurry();
  else signal.addEventListener('abort', hurry, { once: true });
  const stops = await Promise.allSettled(running.map((each) => each.stop(abandoned.signal)));
  signal.removeEventListener('abort', hurry);
  clearTimeout(timer);
  const failed = stops.filter((stop) => stop.status === 'rejected').map(({ reason }) => reason as unknown);
  if (failed.length > 0) throw failed.length === 1 ? failed[0] : new AggregateError(failed, 'Consumers did not stop');
}
