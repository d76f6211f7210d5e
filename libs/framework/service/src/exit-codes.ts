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
