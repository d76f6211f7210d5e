import type { Environment } from '@org/config';

const wanted: Readonly<Record<string, readonly string[]>> = {
  OTEL_LOGS_EXPORTER: ['none'],
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: [],
};

/** The variables that ask for what is not done: logs are read from standard output. */
export function ignoredVariables(environment: Environment): string[] {
  return Object.keys(wanted).filter((name) => {
    const value = environment[name]?.trim().toLowerCase();
    return value && !wanted[name]?.includes(value);
  });
}
