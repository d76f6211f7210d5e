import { toServiceError, type Code, type ServiceError } from '@org/errors';
import type { Verdict } from './breaker.ts';

const blaming: readonly Code[] = ['unavailable', 'deadline_exceeded', 'internal', 'unknown', 'data_loss'];

/** Whether an error says that the server is not well. All other codes but `cancelled` are an answer of one that is. */
export function blamesServer({ code }: ServiceError): boolean {
  return blaming.includes(code);
}

/**
 * What an error says about the server. A time-out says nothing when the attempt had less than half of its time:
 * otherwise callers who are in a hurry would open the circuit for everybody.
 */
export function judge(
  thrown: unknown,
  { hadItsTime, when }: { hadItsTime: boolean; when: (error: ServiceError) => boolean },
): Verdict {
  const error = toServiceError(thrown);
  if (error.code === 'cancelled' || (error.code === 'deadline_exceeded' && !hadItsTime)) return 'unknown';
  return when(error) ? 'failed' : 'answered';
}
