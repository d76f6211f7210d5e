import { readSettings } from '@org/config';
import { expect, test } from 'vitest';
import { healthSettings } from './settings.ts';

const read = (environment: Record<string, string>) =>
  readSettings({ health: healthSettings }, { environment, service: 'orders', schemes: [] }).settings.health;

test('hold without any variable', () => {
  expect(read({})).toEqual({ timeoutMs: 900, cacheMs: 1_000, stallMs: 10_000 });
});

test('are read from the environment', () => {
  const environment = { HEALTH_TIMEOUT: '2s', HEALTH_CACHE: '0s', HEALTH_STALL: '1m' };
  expect(read(environment)).toEqual({ timeoutMs: 2_000, cacheMs: 0, stallMs: 60_000 });
});

test.each<Record<string, string>>([
  { HEALTH_TIMEOUT: '0s' },
  { HEALTH_STALL: '1ms' },
  { HEALTH_CACHE: '-1s' },
  { HEALTH_CACHE: 'soon' },
])('refuse %o', (environment) => {
  expect(() => read(environment)).toThrow(expect.objectContaining({ reason: 'CONFIGURATION_INVALID' }));
});
