import { DiagLogLevel, diag, type DiagLogFunction } from '@opentelemetry/api';
import type { Logger } from '@org/logging';

type Method = 'trace' | 'debug' | 'info' | 'warn' | 'error';

const quietMs = 60_000;
const rememberedTexts = 100;

/**
 * Sends what the OpenTelemetry SDK says about itself to a logger, from a level of `OTEL_LOG_LEVEL` on. What it has said
 * within the last minute, other numbers aside, it does not say again.
 */
export function logDiagnostics(logger: Logger, level: string): void {
  const isNew = createMemory();
  const log =
    (method: Method): DiagLogFunction =>
    (message, ...details) => {
      const err = parseError(message);
      const text = err ? `the SDK failed: ${err.message}` : message;
      if (!isNew(`${method} ${text.replaceAll(/\d+/g, '0')}`)) return;
      logger[method]({ ...(err && { err }), ...(details.length > 0 && { details }) }, text);
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

/** Tells whether a text is new, or was last let through a minute ago. Forgets the oldest when there are too many. */
function createMemory(): (text: string) => boolean {
  const saidAt = new Map<string, number>();
  return (text) => {
    const now = performance.now();
    if (now - (saidAt.get(text) ?? -Infinity) < quietMs) return false;
    saidAt.delete(text);
    saidAt.set(text, now);
    for (const oldest of saidAt.keys()) {
      if (saidAt.size <= rememberedTexts) break;
      saidAt.delete(oldest);
    }
    return true;
  };
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
