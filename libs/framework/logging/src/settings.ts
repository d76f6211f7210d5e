import { defineSettings, duration, integer, oneOf, size, text, variable, type Settings } from '@org/config';
import { formatNames } from './formats.ts';
import { levelNames } from './logger.ts';

/** What a service reads about its logs: `LOG_LEVEL`, `LOG_FORMAT`, `LOG_FILE`, … */
export const loggingSettings = defineSettings(
  {
    level: variable('LOG_LEVEL', oneOf(levelNames), {
      description:
        'The level from which on lines are logged; each named logger can have its own while the service runs.',
      default: 'info',
      references: false,
    }),
    // What holds on a terminal is decided when the logs open, so that this declaration is the same everywhere.
    format: variable('LOG_FORMAT', oneOf(formatNames), {
      description:
        'How lines look on the console: `gcp` and `ecs` are JSON with the names of Google Cloud Logging and of the Elastic Common Schema. Not set: `pretty` on a terminal, else `json`. Production refuses `pretty`.',
      default: ({ production }) => (production ? 'json' : undefined),
      optional: true,
      references: false,
      example: 'json',
    }),
    consoleLevel: variable('LOG_CONSOLE_LEVEL', oneOf(levelNames), {
      description: 'The console takes lines from this level on; not set: all that are logged.',
      optional: true,
      references: false,
      example: 'info',
    }),
    file: variable('LOG_FILE', text(), {
      description: 'A file to which lines are appended as well; its folder must exist.',
      optional: true,
      references: false,
      example: '/var/log/orders.log',
    }),
    fileLevel: variable('LOG_FILE_LEVEL', oneOf(levelNames), {
      description: 'The file takes lines from this level on; not set: all that are logged.',
      optional: true,
      references: false,
      example: 'warn',
    }),
    fileFormat: variable('LOG_FILE_FORMAT', oneOf(formatNames), {
      description: 'How lines look in the file.',
      default: 'json',
      references: false,
    }),
    fileMaxSize: variable('LOG_FILE_MAX_SIZE', size(), {
      description: 'From this size on the file becomes `LOG_FILE.1`, that one `LOG_FILE.2` and so on; `0B` never.',
      default: '100MiB',
      references: false,
    }),
    fileMaxAge: variable('LOG_FILE_MAX_AGE', duration(), {
      description: 'The same from this age on, when the next line comes; `0ms` never.',
      default: '0ms',
      references: false,
      example: '24h',
    }),
    fileKeep: variable('LOG_FILE_KEEP', integer({ min: 1, max: 1_000 }), {
      description: 'How many of the old files stay.',
      default: '5',
      references: false,
    }),
    repeatLimit: variable('LOG_REPEAT_LIMIT', integer({ min: 0 }), {
      description:
        'How often the same `warn` or `error` line is written within 10 s; the rest is counted in one line. `0` is no limit.',
      default: '100',
      references: false,
    }),
    bufferSize: variable('LOG_BUFFER', size({ max: '1MiB' }), {
      description:
        'Up to how many characters the lines below `warn` of one turn of the event loop are written together; `0B` writes each at once.',
      default: '16KiB',
      references: false,
    }),
    gcpProject: variable('LOG_GCP_PROJECT', text(), {
      description: 'The Google Cloud project that keeps the traces, for the format `gcp`; not set: bare trace ids.',
      optional: true,
      references: false,
      example: 'my-project',
    }),
  },
  {
    check: ({ format, fileFormat }, { production }) =>
      production && (format === 'pretty' || fileFormat === 'pretty')
        ? ['LOG_FORMAT and LOG_FILE_FORMAT must not be `pretty` in production, since machines read the logs there.']
        : [],
  },
);

export type LoggingSettings = Settings<typeof loggingSettings>;
