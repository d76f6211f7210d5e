import { pino } from 'pino';
import type { Fields } from './fields.ts';
import type { Level } from './logger.ts';

/** The levels that a line can have. */
export type LineLevel = Exclude<Level, 'silent'>;

/** Writes one line: its fields are safe to print, and none has a name that every line has. */
export type WriteLine = (level: LineLevel, fields: Fields, message: string) => void;

/** Makes lines of JSON (`level`, `time` as ISO 8601, `service`, `version`, the fields, `msg`) and hands them to `write`. */
export function createEncoder(
  service: { readonly name: string; readonly version: string },
  write: (line: string) => void,
): WriteLine {
  const options = {
    // Levels are decided before, by name; whatever comes here is written.
    level: 'trace',
    base: { service: service.name, version: service.version },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    // Errors come as plain objects, which the serializer that pino has by default would take for errors.
    serializers: { err: (error: unknown) => error },
  };
  const encoder = pino(options, { write });
  return (level, fields, message) => encoder[level](fields, message);
}
