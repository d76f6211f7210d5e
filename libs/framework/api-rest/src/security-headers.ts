import { validateHeaderName, validateHeaderValue } from 'node:http';

/**
 * What every answer of a JSON API says to browsers, by the OWASP cheat sheet on REST security and the OWASP Secure
 * Headers project. Left out is what only documents have a use for, as here nothing may be loaded or framed
 * (`cross-origin-opener-policy`, `permissions-policy`, `origin-agent-cluster`, `x-dns-prefetch-control`), what only
 * browsers without support any more obey (`x-download-options`, `x-permitted-cross-domain-policies`,
 * `x-xss-protection`), and `cache-control`, which each operation knows best.
 *
 * @see https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers
 * @see https://owasp.org/www-project-secure-headers/
 */
const defaults: Readonly<Record<string, string>> = {
  // An answer that is opened as a page, whatever it holds, loads and runs nothing and is shown in no frame.
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  // Other origins do not get hold of it by `<img>` and `<script>`, hence not by Spectre. CORS is another matter.
  'cross-origin-resource-policy': 'same-origin',
  // A link out of an answer does not tell its URL, which may hold names and ids.
  'referrer-policy': 'no-referrer',
  // From now on over TLS alone. Over plain HTTP browsers ignore it: RFC 6797 section 8.1.
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  // What is said to be JSON is not taken for a script or a page that it may look like.
  'x-content-type-options': 'nosniff',
  // `frame-ancestors`, for browsers and scanners that do not know it.
  'x-frame-options': 'DENY',
};

/** What the server or another setting decides about. */
const taken =
  /^(access-control-.+|connection|content-(length|type|encoding)|date|set-cookie|transfer-encoding|vary|x-request-id)$/;

/**
 * Makes the security headers of all answers: names in lower case and values in turns, ready for `writeHead`.
 *
 * @param overrides Other values, and headers besides, by name; `false` leaves a header out, or all of them.
 * @throws {TypeError} when a name or a value is not well-formed, comes twice, or is not for this place.
 */
export function createSecurityHeaders(
  overrides: Readonly<Record<string, string | false>> | false = {},
): readonly string[] {
  if (overrides === false) return [];
  const headers = new Map<string, string | false>(Object.entries(defaults));
  const given = new Set<string>();
  for (const [written, value] of Object.entries(overrides)) {
    const name = written.toLowerCase();
    assertHeader(written, value);
    if (given.has(name)) throw new TypeError(`Expected each security header once, got \`${name}\` in two spellings`);
    given.add(name);
    headers.set(name, value);
  }
  return [...headers].flatMap(([name, value]) => (value === false ? [] : [name, value]));
}

function assertHeader(name: string, value: string | false): void {
  if (taken.test(name.toLowerCase())) {
    throw new TypeError(
      `Expected a security header, got \`${name}\`, about which the server or another setting decides`,
    );
  }
  try {
    validateHeaderName(name);
    if (value !== false) validateHeaderValue(name, value);
  } catch (cause) {
    const message = `Expected the security header ${JSON.stringify(name)} to be a token with a text of visible characters, or \`false\`, got something else`;
    throw new TypeError(message, { cause });
  }
}
