import { untilAborted } from '@org/context';
import { ServiceError } from '@org/errors';
import { secretsClosed, secretStoreFailed, secretStoreTimeout } from './secrets-errors.ts';
import type { SecretsCore } from './core.ts';

export interface CallOptions {
  readonly operation: 'read' | 'renew' | 'revoke';
  /** As in "Cannot read …". */
  readonly doing: string;
}

/**
 * Asks a provider once: for no longer than it may take, measured, and with whatever it throws made an error that holds
 * nothing of a client's.
 */
export async function callProvider<Answer>(
  core: SecretsCore,
  { operation, doing }: CallOptions,
  ask: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const { instruments, scheme, timeoutMs } = core;
  const over = new AbortController();
  // What answers is real, whatever clock leases run by.
  const timer = setTimeout(() => over.abort(secretStoreTimeout(doing, timeoutMs)), timeoutMs);
  // Leases are given back while the store closes.
  const signal = operation === 'revoke' ? over.signal : AbortSignal.any([over.signal, core.closed]);
  const startedAt = performance.now();
  const record = (error?: ServiceError) =>
    instruments.operationDuration.record((performance.now() - startedAt) / 1000, {
      'secrets.store': scheme,
      'secrets.operation': operation,
      ...(error && { 'error.type': error.code }),
    });
  try {
    const answer = await untilAborted(signal, () => ask(signal));
    record();
    return answer;
  } catch (thrown) {
    const error = cleanError(thrown, signal, doing);
    record(error);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function cleanError(thrown: unknown, signal: AbortSignal, doing: string): ServiceError {
  if (signal.aborted) return signal.reason instanceof ServiceError ? signal.reason : secretsClosed(doing);
  if (thrown instanceof ServiceError) return thrown;
  return secretStoreFailed(doing, thrown instanceof Error && /^\w{1,64}$/.test(thrown.name) ? thrown.name : 'unknown');
}
