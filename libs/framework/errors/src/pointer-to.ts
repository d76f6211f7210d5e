/** The most characters of a pointer: keys are whatever the sender of an input likes. */
const mostCharacters = 200;

/** The pointer of a violation (RFC 6901 section 3) to a place in an input, of at most 200 characters and then `…`. */
export function pointerTo(path: readonly PropertyKey[]): string {
  let pointer = '';
  for (const key of path) {
    pointer += `/${String(key).slice(0, mostCharacters).replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (pointer.length > mostCharacters) return `${pointer.slice(0, mostCharacters)}…`;
  }
  return pointer;
}
