// What services use.
export { timestamps } from './columns/timestamps.ts';
export { version } from './columns/version.ts';
export type { DatabaseIdempotency } from './idempotency.ts';
export type { DatabaseInbox } from './inbox.ts';
export type { KeepingOptions } from './keeping.ts';
export { migration, type MigrationCommandOptions } from './migrations/command/migration.ts';
export type { Migration } from './migrations/migration.ts';
export { openDatabase, type Database, type OpenDatabaseOptions } from './open-database.ts';
export type { Outbox, OutboxPublishOptions } from './outbox/outbox.ts';
export type { ForwardOptions, OutboxBroker } from './outbox/forward-batch.ts';
export { relayOutbox, type OutboxRelay, type RelayOptions } from './outbox/relay-outbox.ts';
export { page, type Page, type PageOptions } from './queries/page.ts';
export { updateVersion, type VersionedTable } from './queries/update-version.ts';
export { upsert, type UpsertOptions } from './queries/upsert.ts';
export { databaseSettings, type DatabaseSettings } from './settings.ts';
export { idempotencyKeys } from './tables/idempotency-keys.ts';
export { inbox } from './tables/inbox.ts';
export { outbox } from './tables/outbox.ts';
export type { Isolation, TransactionOptions } from './transaction.ts';

// What other libraries use.
export type { Result } from './driver.ts';
export type { Models } from './orm.ts';
