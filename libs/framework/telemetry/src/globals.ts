import { context, diag, logs, metrics, propagation, trace } from '@opentelemetry/api';

/** Takes back whatever is registered with OpenTelemetry's API, which keeps one of each kind for the whole process. */
export function unregisterGlobals(): void {
  for (const api of [trace, metrics, logs, propagation, context, diag]) api.disable();
}
