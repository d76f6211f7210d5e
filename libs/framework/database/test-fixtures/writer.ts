import { openDatabase } from '../src/open-database.ts';
import { sql } from 'drizzle-orm';
import { settingsOf } from './databases.ts';

// Opens the database of `DATABASE_URL`, and writes one row after the other, each told of once it is kept.

const silent = () => {};
const levels = { trace: silent, debug: silent, info: silent, warn: silent, error: silent, fatal: silent };
const logger = { ...levels, child: () => logger, named: () => logger };
const settings = settingsOf({ DATABASE_URL: process.env.DATABASE_URL ?? '' });
const service = { name: 'writer', version: '1.0.0', commit: undefined };
const database = await openDatabase(settings, { models: {} }, { logger, service });
await database.execute(sql`CREATE TABLE IF NOT EXISTS kept (number integer PRIMARY KEY, filling text)`);
const { rows } = await database.execute<{ last: number }>(sql`SELECT coalesce(max(number), 0) AS last FROM kept`);
console.log('open');
for (let number = (rows[0]?.last ?? 0) + 1; ; number += 1) {
  await database.execute(sql`INSERT INTO kept VALUES (${number}, ${'x'.repeat(500)})`);
  console.log(`kept ${number}`);
}
