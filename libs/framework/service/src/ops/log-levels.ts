import { duration } from '@org/config';
import { ServiceError } from '@org/errors';
import { levelNames, type Level, type Logging } from '@org/logging';
import type { OpsHandler, OpsRequest, OpsResponse } from '@org/runtime';

/** For how long a level may be set. */
const time = duration({ min: '1s', max: '24h' });

/** The endpoints that show and set the levels of the logs. */
export function createLogLevelHandlers(logging: Logging): OpsHandler[] {
  return [
    {
      method: 'GET',
      path: '/loglevel',
      summary: 'The level of the logs, and of the loggers with one of their own.',
      handle: () => levels(logging),
    },
    {
      method: 'PUT',
      path: '/loglevel',
      summary: 'Sets the level: {"level":"debug"}, with "logger" for one logger only and "for":"10m" for a time.',
      handle: (request) => setLevel(logging, request),
    },
  ];
}

function levels(logging: Logging): OpsResponse {
  return { body: { level: logging.level(), loggers: logging.levels() } };
}

function setLevel(logging: Logging, { body }: OpsRequest): OpsResponse {
  const { level, logger, forMs } = readChange(body);
  logging.setLevel(level, logger, { forMs });
  logging.logger.info({ level, of: logger ?? 'all', ...(forMs !== undefined && { forMs }) }, 'The log level was set');
  return levels(logging);
}

/** @throws {ServiceError} invalid_argument, OPS_BODY_INVALID. */
function readChange(body: unknown): { level: Level; logger: string | undefined; forMs: number | undefined } {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const { level, logger } = given;
  const { success, data: forMs } = time.optional().safeParse(given.for);
  if (levelNames.includes(level as Level) && (logger === undefined || typeof logger === 'string') && success) {
    return { level: level as Level, logger, forMs };
  }
  const message =
    'Expected a body such as {"level":"debug"} or {"level":"debug","logger":"rest","for":"10m"}, ' +
    `with a level of ${levelNames.join(', ')} and a time from 1s to 24h`;
  throw new ServiceError('invalid_argument', message, { reason: 'OPS_BODY_INVALID' });
}
