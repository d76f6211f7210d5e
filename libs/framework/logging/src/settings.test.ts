import { describeSettings, readSettings, type Environment } from '@org/config';
import { describe, expect, test } from 'vitest';
import { loggingSettings } from './settings.ts';

function read(environment: Environment) {
  return readSettings({ logging: loggingSettings }, { environment, service: 'orders', schemes: [] }).settings.logging;
}

test('nothing needs to be set', () => {
  expect(read({})).toEqual({ level: 'info', format: undefined, file: undefined });
  expect(read({ NODE_ENV: 'production' })).toEqual({ level: 'info', format: 'json', file: undefined });
});

test('every value can be set', () => {
  const environment = { LOG_LEVEL: 'debug', LOG_FORMAT: 'pretty', LOG_FILE: '/tmp/orders.log' };
  expect(read(environment)).toEqual({ level: 'debug', format: 'pretty', file: '/tmp/orders.log' });
});

describe('a fault is', () => {
  test.each([
    ['pretty in production', { NODE_ENV: 'production', LOG_FORMAT: 'pretty' }, 'LOG_FORMAT'],
    ['an unknown level', { LOG_LEVEL: 'verbose' }, 'LOG_LEVEL'],
    ['an unknown format', { LOG_FORMAT: 'xml' }, 'LOG_FORMAT'],
  ])('%s', (_, environment, name) => {
    expect(() => read(environment)).toThrow(name);
  });
});

test('the reference is the same wherever it is made', () => {
  expect(JSON.stringify(describeSettings({ logging: loggingSettings }, { service: 'orders' }))).toContain('LOG_FORMAT');
});
