import type { Environment } from '@org/config';

const prefix = 'OTEL_';

/**
 * Runs `work` while the `OTEL_*` variables of the process are those of `environment`: the SDK knows no other source,
 * and a service may have its variables from a file or a test. `work` must be synchronous, so that nobody else sees it.
 */
export function withEnvironment<Result>(environment: Environment, work: () => Result): Result {
  const before = variablesOf(process.env);
  replaceVariables(variablesOf(environment));
  try {
    return work();
  } finally {
    replaceVariables(before);
  }
}

function variablesOf(environment: Environment): [string, string | undefined][] {
  return Object.entries(environment).filter(([name]) => name.startsWith(prefix));
}

function replaceVariables(variables: readonly [string, string | undefined][]): void {
  for (const [name] of variablesOf(process.env)) delete process.env[name];
  for (const [name, value] of variables) if (value !== undefined) process.env[name] = value;
}
