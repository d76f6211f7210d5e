export { defineFactory, type Factory } from './factory.ts';
export {
  createTestDatabases,
  type PreparedDatabase,
  type TestDatabases,
  type TestDatabasesOptions,
} from './test-databases.ts';
