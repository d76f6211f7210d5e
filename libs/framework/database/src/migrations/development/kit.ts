import { sourceMissing } from '../migration-errors.ts';

export type Named<Value> = Readonly<Record<string, Value>>;

/** A table as plain data, as far as it is looked into. */
export interface SnapshotTable {
  readonly columns: Named<SnapshotColumn>;
  readonly indexes: Named<unknown>;
  readonly foreignKeys: Named<unknown>;
  readonly compositePrimaryKeys: Named<unknown>;
  readonly uniqueConstraints: Named<unknown>;
  readonly checkConstraints: Named<unknown>;
  readonly policies: Named<unknown>;
}

export interface SnapshotColumn {
  readonly type: string;
  readonly typeSchema?: string;
}

/** The models as plain data, in the form of drizzle-kit. Tables are by their schema and name, such as `public.orders`. */
export interface Snapshot {
  readonly id: string;
  readonly tables: Named<SnapshotTable>;
  readonly enums: Named<unknown>;
  readonly schemas: Named<unknown>;
  readonly sequences: Named<unknown>;
  readonly roles: Named<unknown>;
  readonly policies: Named<unknown>;
  readonly views: Named<unknown>;
}

/** What is used of drizzle-kit; its own types lean on packages that it does not bring. */
export interface Kit {
  /** @param previous The id of the snapshot before. */
  generateDrizzleJson(models: Readonly<Record<string, unknown>>, previous?: string): Snapshot;
  /** The statements that lead from one to the other. It asks where something may have been renamed. */
  generateMigration(from: Snapshot, to: Snapshot): Promise<string[]>;
}

/** @throws {ServiceError} failed_precondition, SOURCE_MISSING, where it is not installed. */
export async function loadKit(action: string): Promise<Kit> {
  try {
    return await import('drizzle-kit/api');
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw sourceMissing(action, 'drizzle-kit is not installed. Add it to the development dependencies');
  }
}
