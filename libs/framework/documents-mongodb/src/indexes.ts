import type { Index, Kind } from '@org/documents';
import type { CreateIndexesOptions } from 'mongodb';

const types: Readonly<Partial<Record<Kind, string>>> = {
  string: 'string',
  number: 'number',
  boolean: 'bool',
  date: 'date',
};

/** An index as MongoDB takes it. A unique one leaves out documents of which one of the keys is missing or `null`. */
export function indexOf({ name, keys, unique }: Index): { key: Record<string, 1 | -1> } & CreateIndexesOptions {
  const optional = unique ? keys.filter(({ required }) => !required) : [];
  return {
    key: Object.fromEntries(keys.map(({ path, order }) => [path.join('.'), order])),
    name,
    ...(unique && { unique }),
    ...(optional.length > 0 && {
      partialFilterExpression: Object.fromEntries(
        optional.map(({ path, kind }) => [path.join('.'), { $type: types[kind] }]),
      ),
    }),
  };
}
