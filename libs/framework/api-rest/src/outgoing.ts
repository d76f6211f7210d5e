import type { Operation } from '@org/contract';
import { ServiceError, pointerTo, type ServiceErrorOptions } from '@org/errors';
import type * as z from 'zod';
import { createDeclared } from './declared.ts';

/** Writes what leaves as JSON. */
export type WriteJson = (value: unknown) => string;

/**
 * Makes what puts values through a schema on their way out, so that nothing leaves which the contract does not name, and
 * writes them as JSON. `ratio` is the part of them that is checked, from 0 to 1. Of the others the declared part leaves
 * unchecked, but where the schema changes values or nobody can tell what it declares: then each is checked.
 *
 * What is made throws a `ServiceError`, internal, RESPONSE_INVALID, for what does not fit. `what` says what it is.
 */
export function createWriteJson(operation: Operation, schema: z.ZodType, ratio: number, what: string): WriteJson {
  const declared = ratio < 1 ? createDeclared(schema) : undefined;

  function check(value: unknown): unknown {
    const { success, data, error } = schema.safeParse(value);
    if (success) return data;
    const violations = error.issues.map(({ path, message }) => ({ pointer: pointerTo(path), detail: message }));
    throw broken(operation, `gave ${what} that does not fit the contract`, { details: { violations } });
  }

  function checkSome(value: unknown): unknown {
    if (Math.random() < ratio) return check(value);
    try {
      return declared!(value);
    } catch {
      // It does not even have the shape: the check says where.
      return check(value);
    }
  }

  const outgoing = declared ? checkSome : check;
  return (value) => {
    const text = JSON.stringify(outgoing(value)) as string | undefined;
    if (text !== undefined) return text;
    throw broken(operation, `gave ${what} that JSON does not have`);
  };
}

/** The handler did not keep the contract: a fault of the service, whose text only the log has. */
export function broken({ id }: Operation, what: string, options: ServiceErrorOptions = {}): ServiceError {
  return new ServiceError('internal', `The handler of ${id} ${what}`, { reason: 'RESPONSE_INVALID', ...options });
}
