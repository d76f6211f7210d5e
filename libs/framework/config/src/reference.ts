/** Where a value lies in a secret store: `vault:kv/orders/database#password`. What the path means is the store's own. */
export interface SecretReference {
  /** Names the store, without the colon. */
  readonly scheme: string;
  readonly path: string;
  /** What stands behind `#`: one value of several. Without it a store gives all of them, or the only one. */
  readonly key?: string;
  /** As it was written. */
  readonly text: string;
}

/** Schemes that always mean a secret store, whether or not a service has it. */
export const reservedSchemes: readonly string[] = ['env', 'vault', 'kubernetes'];

/** The scheme of a text that is a reference to one of `schemes`, well-formed or not; `undefined` for any other text. */
export function referenceScheme(text: string, schemes: readonly string[]): string | undefined {
  return schemes.find((scheme) => text.startsWith(`${scheme}:`));
}

/** Takes `scheme:path` or `scheme:path#key` apart; `undefined` for anything else. Neither part may hold white space. */
export function parseReference(text: string): SecretReference | undefined {
  const match = /^([a-z][a-z0-9+.-]*):([^#\s]+)(?:#([^#\s]+))?$/.exec(text);
  if (!match) return undefined;
  const [, scheme = '', path = '', key] = match;
  return { scheme, path, ...(key !== undefined && { key }), text };
}
