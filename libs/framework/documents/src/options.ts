import { parsePath } from './fields.ts';
import { parseProjection } from './projection.ts';
import type { FindQuery, Sort } from './store.ts';

/** How many documents or operations are given at once at most. */
export const maximumAtOnce = 10_000;

export function parseSort(given: Readonly<Record<string, unknown>> = {}): Sort {
  return Object.entries(given).map(([at, order]) => {
    if (order !== 1 && order !== -1) throw new TypeError(`Expected the order of \`${at}\` to be 1 or -1`);
    return { path: parsePath(at, 'an order'), order };
  });
}

interface GivenOptions {
  readonly sort?: Readonly<Record<string, unknown>>;
  readonly projection?: Readonly<Record<string, unknown>> | undefined;
  readonly skip?: number;
  readonly limit?: number;
  readonly batchSize?: number;
}

export function parseFindOptions(given: GivenOptions): Omit<FindQuery, 'filter'> {
  const { skip, limit } = parseBounds(given);
  const { batchSize = 100 } = given;
  assertCount('batchSize', batchSize, 1);
  return {
    sort: parseSort(given.sort),
    projection: parseProjection(given.projection),
    skip,
    limit,
    batchSize: Math.min(batchSize, maximumAtOnce),
  };
}

export function parseBounds({ skip = 0, limit }: Pick<GivenOptions, 'skip' | 'limit'>) {
  assertCount('skip', skip, 0);
  if (limit !== undefined) assertCount('limit', limit, 1);
  return { skip, limit };
}

function assertCount(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least && value <= 2_147_483_647) return;
  throw new RangeError(`Expected \`${name}\` to be an integer from ${least} up, got \`${value}\``);
}
