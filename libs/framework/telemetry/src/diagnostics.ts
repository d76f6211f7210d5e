import { DiagLogLevel, diag, type DiagLogFunction } from '@opentelemetry/api';
import type { Logger } from '@org/logging';

/** Sends what the OpenTelemetry SDK says about itself to a logger, from a level of `OTEL_LOG_LEVEL` on. */
export function logDiagnostics(logger: Logger, level: string): void {
  const log =
    (method: 'trace' | 'debug' | 'info' | 'warn' | 'error'): DiagLogFunction =>
    (message, ...details) => {
      const err = parseError(message);
      logger[method](
        { ...(err && { err }), ...(details.length > 0 && { details }) },
        err ? `the SDK failed: ${err.message}` : message,
      );
    };
  const diagLogger = {
    verbose: log('trace'),
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
  };
  const logLevel = DiagLogLevel[level.toUpperCase() as keyof typeof DiagLogLevel];
  diag.setLogger(diagLogger, { logLevel, suppressOverrideMessage: true });
}

/** The SDK's handler of errors writes them as JSON. */
function parseError(message: string): { readonly type: unknown; readonly message: string } | undefined {
  if (!message.startsWith('{')) return undefined;
  try {
    const { name, message: text, ...rest } = JSON.parse(message) as Record<string, unknown>;
    return typeof text === 'string' ? { type: name, message: text, ...rest } : undefined;
  } catch {
    return undefined;
  }
}
