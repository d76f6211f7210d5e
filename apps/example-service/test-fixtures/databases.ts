import { createTestDatabases } from '@org/database/testing';
import { migrations } from '../migrations/index.ts';
import * as models from '../src/models/index.ts';

/** A database of this service's for each test: `await using database = await databases.open()`. */
export const databases = createTestDatabases({ models, migrations });
