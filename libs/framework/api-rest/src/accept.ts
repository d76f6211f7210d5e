/** Whether a client takes what an operation answers, by its header `Accept`. */
export type Accepts = (accept: string | undefined) => boolean;

/**
 * Makes what tells whether a client takes a media type: of the ranges that match, the most specific one decides, and its
 * quality only matters where it is 0.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
 */
export function createAccepts(mediaType: string): Accepts {
  const type = mediaType.split(';', 1)[0]!.trim();
  const family = `${type.slice(0, type.indexOf('/'))}/*`;
  return (accept) => {
    if (accept === undefined || accept === '*/*' || accept === type || accept === '') return true;
    let decided = 0;
    let takes = false;
    for (const range of accept.toLowerCase().split(',')) {
      const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
      const weight = isMeant(name, type) ? 3 : name === family ? 2 : name === '*/*' ? 1 : 0;
      if (weight === 0 || weight < decided) continue;
      const isTaken = !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
      takes = weight === decided ? takes || isTaken : isTaken;
      decided = weight;
    }
    return takes;
  };
}

/** Whoever takes a special kind of JSON gets plain JSON, which it is (RFC 6839 section 3.1). */
function isMeant(name: string, type: string): boolean {
  return name === type || (type === 'application/json' && /^application\/[\w.!#$&^-]+\+json$/.test(name));
}
