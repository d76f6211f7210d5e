const maximumNames = 1_000;

/** Makes a function that remembers what `make` gave for a name; for the first 1000 names, of which code has fewer. */
export function rememberNames<Result>(make: (name: string) => Result): (name: string) => Result {
  const known = new Map<string, Result>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const made = make(name);
    if (known.size < maximumNames) known.set(name, made);
    return made;
  };
}

/**
 * The name under which a field is written where some names are taken: a taken one gets an underscore before it, and so
 * does what would then be the same, so that no line has a name twice (RFC 8259 section 4).
 */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  return taken.has(name.replace(/^_+/, '')) ? `_${name}` : name;
}
