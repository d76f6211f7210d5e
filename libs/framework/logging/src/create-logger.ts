import { lineContext } from './line-context.ts';
import { rankOf, type Levels } from './levels.ts';
import type { LogMethod, Logger } from './logger.ts';
import type { Fields, LineLevel, LogRecord } from './record.ts';
import { redactText } from './redact-text.ts';
import { redact } from './redact.ts';
import { noFields, type SafeFields } from './safe-fields.ts';

export interface LoggerParts {
  readonly levels: Levels;
  readonly safeFields: (fields: unknown) => SafeFields;
  /** Tells whether a line is to be written, or is one too many of its kind. */
  readonly admits: (level: LineLevel, logger: string | undefined, message: string, fields?: unknown) => boolean;
  readonly write: (record: LogRecord) => void;
}

/** Makes a logger: `bound` are the fields that all its lines carry. */
export function createLogger(parts: LoggerParts, bound?: Fields, name?: string): Logger {
  const { levels, safeFields, admits, write } = parts;
  const threshold = levels.threshold(name);

  function method(level: LineLevel): LogMethod {
    const rank = rankOf(level);
    return (first: string | Fields, second?: string) => {
      if (rank < threshold.rank) return;
      const alone = typeof first === 'string';
      const message = safeMessage(alone ? first : second);
      if (!admits(level, name, message, first)) return;
      const { fields, plain } = alone ? noFields : safeFields(first);
      write({ level, time: Date.now(), logger: name, message, context: lineContext(bound), fields, plain });
    };
  }

  return {
    trace: method('trace'),
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
    fatal: method('fatal'),
    child: (fields) => createLogger(parts, { ...bound, ...safeFields(fields).fields }, name),
    named: (other) => createLogger(parts, bound, safeMessage(other)),
  };
}

function safeMessage(message: unknown): string {
  if (typeof message === 'string') return redactText(message);
  return message === undefined ? '' : (JSON.stringify(redact(message)) ?? '');
}
