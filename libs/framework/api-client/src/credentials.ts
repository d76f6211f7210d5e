import { Secret } from '@org/config';
import type { Operation } from '@org/contract';

type Value = string | Secret<string> | undefined;

/**
 * What goes into the header `Authorization`, such as `Bearer …`: a secret, whose value of the moment is sent, or a
 * function that gives it for an operation and is asked for each attempt. `undefined` sends none.
 */
export type Credentials = Secret<string> | ((operation: Operation) => Value | Promise<Value>);

export async function credentialsFor(
  credentials: Credentials | undefined,
  operation: Operation,
): Promise<string | undefined> {
  const value = typeof credentials === 'function' ? await credentials(operation) : credentials;
  return value instanceof Secret ? value.reveal() : value;
}
