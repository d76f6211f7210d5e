import { documentsTable, type CollectionDefinition } from '../src/index.ts';

/** What is used of drizzle-kit; its own types lean on packages that it does not bring. */
interface Kit {
  generateDrizzleJson(models: Readonly<Record<string, unknown>>): object;
  generateMigration(from: object, to: object): Promise<string[]>;
}

/** The statements of the migration that is generated for collections. */
export async function createTables(collections: readonly CollectionDefinition[]): Promise<string[]> {
  const kit = (await import('drizzle-kit/api')) as unknown as Kit;
  const models = Object.fromEntries(collections.map((each) => [each.name, documentsTable(each)]));
  return kit.generateMigration(kit.generateDrizzleJson({}), kit.generateDrizzleJson(models));
}
