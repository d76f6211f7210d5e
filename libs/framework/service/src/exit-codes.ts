import { constants } from 'node:os';

/**
 * How the process ends.
 *
 * @see sysexits.h: EX_USAGE is 64, EX_CONFIG is 78.
 */
export const exitCode = {
  ok: 0,
  failure: 1,
  usage: 64,
  configuration: 78,
} as const;

/** The exit code of a process that a signal ended: 128 and the signal's number, as shells have it. */
export function exitCodeOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
