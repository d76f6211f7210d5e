import { describeSettings, readSettings, type Environment } from '@org/config';
import { describe, expect, test } from 'vitest';
import { loggingSettings } from './settings.ts';

function read(environment: Environment) {
  return readSettings({ logging: loggingSettings }, { environment, service: 'orders', schemes: [] }).settings.logging;
}

test('nothing needs to be set', () => {
  const byDefault = {
    ...{ level: 'info', format: undefined, consoleLevel: undefined, gcpProject: undefined },
    ...{ file: undefined, fileLevel: undefined, fileFormat: 'json' },
    ...{ fileMaxSize: 100 * 2 ** 20, fileMaxAge: 0, fileKeep: 5, repeatLimit: 100, bufferSize: 16_384 },
  };
  expect(read({})).toEqual(byDefault);
  expect(read({ NODE_ENV: 'production' })).toEqual({ ...byDefault, format: 'json' });
});

test('every value can be set', () => {
  const environment = {
    ...{ LOG_LEVEL: 'debug', LOG_FORMAT: 'pretty', LOG_CONSOLE_LEVEL: 'info', LOG_GCP_PROJECT: 'shop' },
    ...{ LOG_FILE: '/tmp/orders.log', LOG_FILE_LEVEL: 'warn', LOG_FILE_FORMAT: 'logfmt' },
    ...{ LOG_FILE_MAX_SIZE: '1MiB', LOG_FILE_MAX_AGE: '24h', LOG_FILE_KEEP: '9' },
    ...{ LOG_REPEAT_LIMIT: '0', LOG_BUFFER: '0B' },
  };
  expect(read(environment)).toEqual({
    ...{ level: 'debug', format: 'pretty', consoleLevel: 'info', gcpProject: 'shop' },
    ...{ file: '/tmp/orders.log', fileLevel: 'warn', fileFormat: 'logfmt' },
    ...{ fileMaxSize: 2 ** 20, fileMaxAge: 86_400_000, fileKeep: 9, repeatLimit: 0, bufferSize: 0 },
  });
});

test.each(['json', 'logfmt', 'gcp', 'ecs'])('production takes %s', (format) => {
  expect(read({ NODE_ENV: 'production', LOG_FORMAT: format })).toMatchObject({ format });
});

describe('a fault is', () => {
  test.each([
    ['pretty in production', { NODE_ENV: 'production', LOG_FORMAT: 'pretty' }, 'LOG_FORMAT'],
    ['pretty in a file in production', { NODE_ENV: 'production', LOG_FILE_FORMAT: 'pretty' }, 'LOG_FILE_FORMAT'],
    ['to keep no old file', { LOG_FILE_KEEP: '0' }, 'LOG_FILE_KEEP'],
    ['a buffer that is too large', { LOG_BUFFER: '1GiB' }, 'LOG_BUFFER'],
    ['an unknown level', { LOG_LEVEL: 'verbose' }, 'LOG_LEVEL'],
    ['an unknown format', { LOG_FORMAT: 'xml' }, 'LOG_FORMAT'],
  ])('%s', (_, environment, name) => {
    expect(() => read(environment)).toThrow(name);
  });
});

test('the reference is the same wherever it is made', () => {
  expect(JSON.stringify(describeSettings({ logging: loggingSettings }, { service: 'orders' }))).toContain('LOG_FORMAT');
});
