/** What an entry of the list of origins is: completes "expected …". */
export const expectedOrigin =
  'an origin such as `https://app.example.com`, `https://*.example.com` for all below a domain, or `*` alone';

/**
 * What is wrong with an entry of the list of origins; `undefined` when nothing is.
 *
 * @see https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin
 */
export function problemOfOrigin(entry: string): string | undefined {
  if (entry === '*') return undefined;
  if (entry === 'null') return 'any page can have the origin `null`, such as one in a sandboxed frame';
  if (entry.includes('*')) return problemOfWildcard(entry);
  const parsed = URL.parse(entry);
  if (!parsed || !entry.includes('://')) return 'it is none of these';
  // The schemes of apps, such as `capacitor:`, have no origin by the rules of URLs, and yet send one.
  const sent = parsed.origin === 'null' ? /^[a-z][a-z\d+.-]*:\/\/[a-z\d.-]+(?::\d+)?/.exec(entry)?.[0] : parsed.origin;
  if (sent === undefined) return 'it is none of these';
  return sent === entry ? undefined : `browsers send \`${sent}\``;
}

function problemOfWildcard(entry: string): string | undefined {
  const base = /^https:\/\/\*\.([^*]+)$/.exec(entry)?.[1];
  if (base === undefined) return 'the `*` can only stand for all names below a domain, after `https://`';
  if (!/^[^.]+\.[^.]/.test(base)) return 'the domain must have at least two parts';
  const problem = problemOfOrigin(`https://${base}`);
  return problem?.replace('https://', 'https://*.');
}

/** How origins contradict each other, or the wish for credentials: completes "expected …"; `undefined` when they do not. */
export function problemOfOrigins(origins: readonly string[], credentials: boolean): string | undefined {
  if (!origins.includes('*')) return undefined;
  if (origins.length > 1) return '`*` to stand alone, got other origins beside it';
  // https://fetch.spec.whatwg.org/#cors-protocol-and-credentials: browsers do not take the two together.
  return credentials ? 'the origins that may send credentials to be named, got `*`' : undefined;
}

/** @throws {TypeError} when an origin is not what browsers send, or they contradict each other. */
export function assertOrigins(origins: readonly string[], credentials: boolean): void {
  if (origins.length === 0) throw new TypeError('Expected `origins` to hold at least one origin, got none');
  for (const origin of origins) {
    const problem = problemOfOrigin(origin);
    if (problem) {
      throw new TypeError(`Expected each of \`origins\` to be ${expectedOrigin}, got \`${origin}\`: ${problem}`);
    }
  }
  const contradiction = problemOfOrigins(origins, credentials);
  if (contradiction) throw new TypeError(`Expected ${contradiction}`);
}

/** Whether an origin is `https://`, one or more labels, and a suffix such as `.example.com`. */
export function isBelow(origin: string, suffix: string): boolean {
  if (!origin.endsWith(suffix) || origin.length > 300) return false;
  return /^https:\/\/[a-z\d_-]+(?:\.[a-z\d_-]+)*$/.test(origin.slice(0, -suffix.length));
}
