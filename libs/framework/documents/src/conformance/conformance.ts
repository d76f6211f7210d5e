import type { CollectionDefinition } from '../definition.ts';
import type { Documents } from '../open-documents.ts';
import { bulkCases } from './bulk-cases.ts';
import { concurrencyCases } from './concurrency-cases.ts';
import { filterCases } from './filter-cases.ts';
import { findCases } from './find-cases.ts';
import { insertCases } from './insert-cases.ts';
import { refusalCases } from './refusal-cases.ts';
import { updateCases } from './update-cases.ts';
import { upsertCases } from './upsert-cases.ts';
import { createWorld, type World } from './world.ts';

/** One promise, for any test runner. */
export interface ConformanceCase {
  readonly name: string;
  /** Rejects when the promise is not kept. */
  run(): Promise<void>;
}

export interface ConformanceOptions {
  /**
   * Opens these collections, of which each has a name that nobody else uses, and which are empty. The case closes what it
   * gets; the collections may stay.
   */
  open(collections: readonly CollectionDefinition[]): Promise<Documents>;
}

/** Cases as they are written: by their names. */
export type Cases = Readonly<Record<string, (world: World) => Promise<void>>>;

/**
 * What every database promises with this library over its store:
 * `for (const { name, run } of documentsConformance(options)) test(name, run)`.
 */
export function documentsConformance(options: ConformanceOptions): ConformanceCase[] {
  const all: Cases = {
    ...insertCases,
    ...findCases,
    ...filterCases,
    ...updateCases,
    ...upsertCases,
    ...bulkCases,
    ...concurrencyCases,
    ...refusalCases,
  };
  return Object.entries(all).map(([name, prove]) => ({
    name,
    async run() {
      const { world, definitions } = createWorld();
      await using documents = await options.open(definitions);
      await prove(world(documents));
    },
  }));
}
