import { ServiceError, type Code } from '@org/errors';

/** Reason of an error that lists what is wrong with the configuration; starting again does not help. */
export const CONFIGURATION_INVALID = 'CONFIGURATION_INVALID';

/** Reason of an error that lists references which a secret store did not answer. */
export const SECRETS_UNAVAILABLE = 'SECRETS_UNAVAILABLE';

/** One thing that is wrong with the configuration. Never holds a value. */
export interface Fault {
  /** The variable; `undefined` for a contradiction between several. */
  readonly variable: string | undefined;
  /** Where its value comes from; `undefined` when it is not set. */
  readonly source: string | undefined;
  /** The whole of it in one sentence, without the full stop. */
  readonly message: string;
}

/** Says what a variable should be and what it is: `PORT (from the environment): expected …, got something else`. */
export function faultOf(variable: string, source: string | undefined, expected: string): Fault {
  return { variable, source, message: `${variable}${source ? ` (from ${withArticle(source)})` : ''}: ${expected}` };
}

/** One error for all faults of a service's configuration. */
export function configurationError(
  service: string,
  faults: readonly Fault[],
  options: { code?: Code; reason?: string; hints?: readonly string[]; cause?: unknown } = {},
): ServiceError {
  const { code = 'invalid_argument', reason = CONFIGURATION_INVALID, hints = [], ...rest } = options;
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  const lines = [...faults.map(({ message }) => message), ...hints].map((line) => `\n  ${line}`);
  return new ServiceError(code, `Cannot read the configuration of ${service}, ${count}:${lines.join('')}`, {
    reason,
    details: { faults, ...(hints.length > 0 && { hints }) },
    ...rest,
  });
}

/** A source as a sentence names it: `the environment`, `the file /run/secrets/token`, `.env`. */
export function withArticle(source: string): string {
  return /^(environment|file)\b/.test(source) ? `the ${source}` : source;
}
