import { readSettings } from '@org/config';
import { collectLogger } from '@org/testing';
import { databaseSettings, type DatabaseSettings } from '../settings.ts';

/** The settings of a service that has this database. */
export function settingsOf(url: string): DatabaseSettings {
  // Connections that nobody uses keep no process from its end.
  const environment = { DATABASE_URL: url, DATABASE_POOL_IDLE: '1s' };
  const read = readSettings({ database: databaseSettings() }, { environment, service: 'test', schemes: [] });
  return read.settings.database as DatabaseSettings;
}

/** Who opens databases of tests. */
export function testRuntime() {
  return { logger: collectLogger(), service: { name: 'test', version: '0.0.0', commit: undefined } };
}
