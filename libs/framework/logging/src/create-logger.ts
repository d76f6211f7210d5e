import type { LineLevel, WriteLine } from './encoder.ts';
import { correlation, safeFields, type Fields } from './fields.ts';
import { rankOf, type Levels } from './levels.ts';
import type { LogMethod, Logger } from './logger.ts';
import { redactText } from './redact-text.ts';

/** Makes a logger: `bound` are the fields that all its lines carry. */
export function createLogger(levels: Levels, write: WriteLine, bound: Fields = {}, name?: string): Logger {
  const threshold = levels.threshold(name);
  const fixed = name === undefined ? bound : { logger: name, ...bound };

  function method(level: LineLevel): LogMethod {
    const rank = rankOf(level);
    return (first: string | Fields, message?: string) => {
      if (rank < threshold.rank) return;
      const [fields, text] = typeof first === 'string' ? [undefined, first] : [safeFields(first), message];
      write(level, { ...fixed, ...correlation(), ...fields }, redactText(String(text ?? '')));
    };
  }

  return {
    trace: method('trace'),
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
    fatal: method('fatal'),
    child: (fields) => createLogger(levels, write, { ...bound, ...safeFields(fields) }, name),
    named: (other) => createLogger(levels, write, bound, other),
  };
}
