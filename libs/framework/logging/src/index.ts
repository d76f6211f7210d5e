export { levelNames, type Level, type LogMethod, type Logger } from './logger.ts';
export { openLogging, type LogCounts, type Logging, type LoggingOptions } from './open-logging.ts';
export { redact } from './redact.ts';
export { loggingSettings, type LoggingSettings } from './settings.ts';
