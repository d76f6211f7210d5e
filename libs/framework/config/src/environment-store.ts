import { ServiceError } from '@org/errors';
import type { Environment } from './environment.ts';
import { referenceScheme, reservedSchemes, type SecretReference } from './reference.ts';
import { Secret } from './secret.ts';
import type { SecretStore } from './store.ts';

/**
 * The store behind `env:NAME`: another variable of the environment, for platforms that choose the names themselves.
 * Its secrets never change. A variable that holds a reference itself is refused, so that no two can name each other.
 */
export function environmentStore(environment: Environment): SecretStore {
  return {
    scheme: 'env',
    open: () =>
      Promise.resolve({
        read: (reference: SecretReference) =>
          new Promise<Secret<string>>((resolve) => resolve(new Secret(readVariable(environment, reference)))),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
  };
}

/** What is wrong with a reference to a variable: completes the sentence "expected …"; `undefined` when nothing is. */
export function problemOfVariable(environment: Environment, { path, key }: SecretReference): string | undefined {
  if (key !== undefined || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(path)) {
    return 'expected the reference to be written `env:NAME`, got something else';
  }
  const value = environment[path];
  if (!value) return `expected ${path}, which it refers to, to be set, got nothing`;
  if (referenceScheme(value, reservedSchemes)) {
    return `expected ${path}, which it refers to, to hold a value, got another reference`;
  }
  return undefined;
}

function readVariable(environment: Environment, reference: SecretReference): string {
  const problem = problemOfVariable(environment, reference);
  if (problem) throw new ServiceError('not_found', `Cannot read a secret from the environment: ${problem}`);
  return environment[reference.path] ?? '';
}
