import { ServiceError } from '@org/errors';
import { failed } from './database-errors.ts';
import { isServerError } from './translate.ts';

/** The states of a table, and of a column, that is not there. */
const states = ['42P01', '42703'];

/** Says of a statement on one of this library's own tables what to do where the database does not have it. */
export async function orTableMissing<Value>(
  table: 'outbox' | 'inbox' | 'idempotency_keys',
  doing: string,
  work: Promise<Value>,
): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { cause } = error;
    if (!isServerError(cause) || !states.includes(cause.code)) throw error;
    const name = table === 'idempotency_keys' ? 'idempotencyKeys' : table;
    const why = `the database has no table \`${table}\` as this version needs it. Have \`export { ${name} } from '@org/database'\` in src/models/index.ts, generate a migration, and apply it`;
    throw failed({ code: 'failed_precondition', reason: 'TABLE_MISSING', doing, why, cause: error });
  }
}
