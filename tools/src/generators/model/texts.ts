import { columnText, sampleOf, type Field } from './field.ts';
import type { ModelName } from './model-name.ts';

/** A model, as it is asked for. */
export interface Model extends ModelName {
  readonly fields: readonly Field[];
}

/** The table: an id, what is asked for, and what every row has. */
export function modelText(scope: string, { constant, table, fields }: Model): string {
  const builders = [...new Set(['pgTable', 'uuid', ...fields.map(({ type }) => type)])].sort();
  return `import { timestamps, version } from '${scope}/database';
import { ${builders.join(', ')} } from 'drizzle-orm/pg-core';

/** Say here what a row of it is. */
export const ${constant} = pgTable('${table}', {
  id: uuid().primaryKey().defaultRandom(),
${fields.map((field) => `  ${field.name}: ${columnText(field)},\n`).join('')}  version: version(),
  ...timestamps(),
});
`;
}

/** The list of the tables, with its first. */
export function indexText(service: string, constant: string, from: string): string {
  return `// The tables of this service. After a change: \`npx nx migration ${service} generate NAME\`.
export { ${constant} } from '${from}';
`;
}

/** A test of the table as the migrations make it. */
export function modelTest(scope: string, { constant, table, fields }: Model): string {
  const row = fields.map((field) => `${field.name}: ${sampleOf(field)}`).join(', ');
  return `import { createTestDatabases } from '${scope}/database/testing';
import { expect, test } from 'vitest';
import { migrations } from '../../migrations/index.ts';
import * as models from './index.ts';

const databases = createTestDatabases({ models, migrations });

test('a row of ${table} is kept as it is given, and gets an id, a version and its times', async () => {
  await using database = await databases.open();
  const row = { ${row} };
  const [kept] = await database.insert(models.${constant}).values(row).returning();
  const added = { id: expect.any(String), version: 1, createdAt: expect.any(Date), updatedAt: expect.any(Date) };
  expect(kept).toEqual({ ...row, ...added });
});
`;
}
