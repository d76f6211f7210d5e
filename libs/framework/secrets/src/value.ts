import type { SecretValue } from '@org/config';
import { secretKeyMissing, secretUnusable } from './secrets-errors.ts';

const mostCharacters = 1_048_576;
const mostKeys = 1_000;

/**
 * Takes a value that a provider read, and that has all keys which are in use; `undefined` among them is the whole of it.
 *
 * @throws {ServiceError} SECRET_UNUSABLE, SECRET_KEY_MISSING.
 */
export function checkValue(value: SecretValue, keys: Iterable<string | undefined>, doing: string): void {
  const texts: unknown[] = typeof value === 'object' && value !== null ? Object.values(value) : [value];
  if (!texts.every((text) => typeof text === 'string'))
    throw secretUnusable({ doing, why: 'what is there is no text' });
  const characters = texts.reduce<number>((sum, text) => sum + text.length, 0);
  if (characters > mostCharacters || texts.length > mostKeys) {
    const why = `it is larger than ${mostKeys} keys or ${mostCharacters} characters, which no secret should be`;
    throw secretUnusable({ doing, why });
  }
  for (const key of keys) pick(value, key, doing);
}

/**
 * One value of several, or all of them.
 *
 * @throws {ServiceError} SECRET_KEY_MISSING when there is none of that key, SECRET_UNUSABLE when it is empty.
 */
export function pick(value: SecretValue, key: string | undefined, doing: string): SecretValue {
  const picked = key === undefined ? value : valueOfKey(value, key, doing);
  const isEmpty = typeof picked === 'string' ? picked === '' : Object.keys(picked).length === 0;
  if (!isEmpty) return picked;
  throw secretUnusable({ doing, why: `it is empty${key === undefined ? '' : ` at \`${key}\``}. Give it a value` });
}

function valueOfKey(value: SecretValue, key: string, doing: string): string {
  if (typeof value === 'string') {
    throw secretKeyMissing({
      doing,
      why: `it is one text without keys, and \`${key}\` is asked for. Leave the key out`,
    });
  }
  if (Object.hasOwn(value, key)) return value[key]!;
  throw secretKeyMissing({ doing, why: `it has no \`${key}\`. Add that key, or name another` });
}

/** Whether two generations say the same, whatever the order of their keys. */
export function sameValue(one: SecretValue, other: SecretValue): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && one[key] === other[key])
  );
}
