/**
 * Parses JSON without the key `__proto__`, which would become the prototype of whatever the value is copied into.
 *
 * @throws {SyntaxError} when it is not JSON.
 */
export function parseJson(text: string): unknown {
  // A reviver is slow, and the key can only be there in one of these ways.
  const maybe = text.includes('__proto__') || text.includes('\\u');
  return JSON.parse(text, maybe ? (key, value: unknown) => (key === '__proto__' ? undefined : value) : undefined);
}
