import { MongoFault } from './mongo-fault.ts';

type Document = Record<string, unknown>;

/** Refuses what a server refuses, with its codes; mingo leaves it aside in silence. */
export function assertFits(row: Document, update: Document): void {
  for (const [operator, fields] of Object.entries(update)) {
    for (const path of Object.keys(fields as Document)) {
      if (operator !== '$unset' && operator !== '$rename') assertViable(row, path.split('.'));
      const value = path.split('.').reduce<unknown>((each, name) => (each as Document | null | undefined)?.[name], row);
      if (value === undefined) continue;
      if (['$inc', '$mul'].includes(operator) && typeof value !== 'number') {
        throw new MongoFault(14, 'TypeMismatch', `Cannot apply ${operator} to a value of non-numeric type`);
      }
      if (['$push', '$addToSet', '$pull'].includes(operator) && !Array.isArray(value)) {
        throw new MongoFault(2, 'BadValue', `The field '${path}' must be an array`);
      }
    }
  }
}

function assertViable(value: unknown, [first, ...rest]: readonly string[]): void {
  if (first === undefined || value === undefined) return;
  const viable = typeof value === 'object' && value !== null && (!Array.isArray(value) || /^\d+$/.test(first));
  if (!viable) throw new MongoFault(28, 'PathNotViable', `Cannot create field '${first}' in element`);
  assertViable((value as Document)[first], rest);
}
