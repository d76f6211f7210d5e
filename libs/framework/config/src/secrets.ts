import * as z from 'zod';
import { text } from './scalars.ts';
import { isSecretSchema, metaOf, parseWith, transformed, type Schema, type SecretShown } from './schema.ts';
import { Secret } from './secret.ts';

/** A user and its password, as `credentials()` reads them. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/**
 * A value that must not be printed. A reference to a secret store is followed: the secret rotates when the value in
 * the store changes to another that `of` takes. `shown` says how the value is printed. Default: any text, `[secret]`.
 */
export function secret(): Schema<Secret<string>>;
export function secret<Value>(of: Schema<Value>, options?: SecretShown<Value>): Schema<Secret<Value>>;
export function secret(of: Schema<unknown> = text(), options: SecretShown = {}): Schema<Secret<unknown>> {
  if (isSecretSchema(of)) throw new TypeError('Expected `of` not to be a secret already, got one');
  return transformed(z.unknown(), { ...metaOf(of), secret: options }, (raw) => {
    const parsed = parseWith(of, raw);
    return parsed && new Secret(parsed.value, options);
  });
}

/**
 * A user and its password: `username:password` with the first colon between them (RFC 7617 section 2), or the keys
 * `username` and `password` of what a reference without a key names.
 */
export function credentials(): Schema<Secret<Credentials>> {
  const expected = 'a user and a password as `username:password`, or a reference to a pair of both';
  return secret(transformed(z.unknown(), { type: 'credentials', expected }, pairFrom));
}

function pairFrom(raw: unknown): Credentials | undefined {
  if (typeof raw === 'string') {
    const [, username, password] = /^([^:]+):(.+)$/s.exec(raw) ?? [];
    return username !== undefined && password !== undefined ? { username, password } : undefined;
  }
  const { username, password } = (raw ?? {}) as Record<string, unknown>;
  const isPair = typeof username === 'string' && typeof password === 'string' && username !== '' && password !== '';
  return isPair ? { username, password } : undefined;
}
