import { inspect } from 'node:util';
import { ServiceError } from '@org/errors';
import { expect } from 'vitest';

/** The code and reason of what a function throws; fails when it throws nothing, or something else. */
export function faultOf(run: () => unknown): string {
  try {
    run();
  } catch (thrown) {
    return codeAndReason(thrown);
  }
  throw new Error('Expected a ServiceError, got a result');
}

export async function faultOfPromise(promise: Promise<unknown>): Promise<string> {
  return await promise.then(() => {
    throw new Error('Expected a ServiceError, got a result');
  }, codeAndReason);
}

/** Stands in the data of hostile messages, and must not be in what is said of them, in a log with all causes either. */
export const secret = 'hunter2';

function codeAndReason(thrown: unknown): string {
  expect(thrown).toBeInstanceOf(ServiceError);
  expect(inspect(thrown, { depth: 9, showHidden: true })).not.toContain(secret);
  const { code, reason } = thrown as ServiceError;
  return `${code} ${reason}`;
}
