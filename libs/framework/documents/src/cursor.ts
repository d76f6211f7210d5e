import { resultTooLarge } from './document-errors.ts';

/**
 * Documents, fetched in batches as they are asked for: `for await (const document of collection.find({}))`. Each batch is
 * as it stands when it is fetched. It is read once, and holds nothing open between two batches.
 */
export interface Cursor<Value> extends AsyncIterable<Value> {
  /**
   * All of them.
   *
   * @param options `maximum`: how many there may be, from 1 up. Default: 10 000.
   * @throws {ServiceError} resource_exhausted, RESULT_TOO_LARGE, when there are more.
   */
  toArray(options?: { readonly maximum?: number }): Promise<Value[]>;
}

const defaultMaximum = 10_000;

/** @param batches What has not begun to fetch. */
export function createCursor<Value>(batches: AsyncIterable<readonly Value[]>, doing: string): Cursor<Value> {
  async function* each(): AsyncGenerator<Value> {
    for await (const batch of batches) yield* batch;
  }
  const documents = each();
  return {
    [Symbol.asyncIterator]: () => documents,
    async toArray({ maximum = defaultMaximum } = {}) {
      if (!Number.isInteger(maximum) || maximum < 1) {
        throw new RangeError(`Expected \`maximum\` to be an integer from 1 up, got \`${maximum}\``);
      }
      const all: Value[] = [];
      for await (const document of documents) {
        if (all.length === maximum) throw resultTooLarge(doing, maximum);
        all.push(document);
      }
      return all;
    },
  };
}
