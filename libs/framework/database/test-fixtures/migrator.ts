import { openDatabase } from '../src/open-database.ts';
import { settingsOf } from './databases.ts';

// Opens the database of `DATABASE_URL` with two migrations, the second of which does not come to an end.

const silent = () => {};
const levels = { trace: silent, debug: silent, info: silent, warn: silent, error: silent, fatal: silent };
const logger = { ...levels, child: () => logger, named: () => logger };
const settings = settingsOf({ DATABASE_URL: process.env.DATABASE_URL ?? '' });
const service = { name: 'migrator', version: '1.0.0', commit: undefined };
const migrations = [
  { name: '0001_first', sql: 'CREATE TABLE first (id integer)' },
  { name: '0002_second', sql: 'CREATE TABLE second (id integer); SELECT pg_sleep(600)' },
];
await openDatabase(settings, { models: {}, migrations }, { logger, service });
