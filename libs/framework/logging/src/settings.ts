import { defineSettings, oneOf, text, variable, type Settings } from '@org/config';
import { levelNames } from './logger.ts';

/** What a service reads about its logs: `LOG_LEVEL`, `LOG_FORMAT`, `LOG_FILE`. */
export const loggingSettings = defineSettings(
  {
    level: variable('LOG_LEVEL', oneOf(levelNames), {
      description:
        'The level from which on lines are logged; each named logger can have its own while the service runs.',
      default: 'info',
      references: false,
    }),
    // What holds on a terminal is decided when the logs open, so that this declaration is the same everywhere.
    format: variable('LOG_FORMAT', oneOf(['json', 'pretty']), {
      description:
        'How lines look on the console; not set: `pretty` on a terminal, else `json`. Production has `json` only.',
      default: ({ production }) => (production ? 'json' : undefined),
      optional: true,
      references: false,
      example: 'json',
    }),
    file: variable('LOG_FILE', text(), {
      description: 'A file to which lines are appended in `json` as well; its folder must exist.',
      optional: true,
      references: false,
      example: '/var/log/orders.log',
    }),
  },
  {
    check: ({ format }, { production }) =>
      production && format === 'pretty'
        ? ['LOG_FORMAT must be `json` in production, since machines read the logs there.']
        : [],
  },
);

export type LoggingSettings = Settings<typeof loggingSettings>;
