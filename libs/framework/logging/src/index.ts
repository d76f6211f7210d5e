export type { LogCounts } from './counts.ts';
export { formatNames, type FormatName } from './formats.ts';
export type { LogHandler } from './handler.ts';
export { levelNames, type Level, type LogMethod, type Logger } from './logger.ts';
export { openLogging, type Logging, type LoggingOptions } from './open-logging.ts';
export type { Formatter, LineLevel, LogRecord } from './record.ts';
export { redact } from './redact.ts';
export { loggingSettings, type LoggingSettings } from './settings.ts';
