import type { DocumentAdapter } from '@org/documents';
import { openMongodbStore } from './open-mongodb-store.ts';

/**
 * The adapter of documents for MongoDB 5.0 or newer: `mongodb://…`, and `mongodb+srv://…`, whose hosts a name server tells.
 *
 * @see https://www.mongodb.com/docs/manual/reference/connection-string/
 */
export const mongodb: DocumentAdapter = {
  name: 'mongodb',
  ports: { 'mongodb:': 27017, 'mongodb+srv:': 27017 },
  open: openMongodbStore,
};
