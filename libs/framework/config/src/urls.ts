import { reservedSchemes } from './reference.ts';
import { notation, type Schema } from './schema.ts';
import { secret } from './secrets.ts';
import type { Secret } from './secret.ts';

export interface UrlOptions {
  /** The protocols that are taken, each with its colon: `['http:', 'https:']`. */
  readonly protocols: readonly string[];
}

/**
 * A URL as it was written, which others may see: it must not hold a user or a password.
 * Default protocols: `http:` and `https:`.
 */
export function url(options: UrlOptions = { protocols: ['http:', 'https:'] }): Schema<string> {
  const expected = `${expectedUrl(options)}, without user and password`;
  return notation({ type: 'url', expected, protocols: options.protocols }, (text) =>
    isUrl(text, options) && !authority(text).includes('@') ? text : undefined,
  );
}

/**
 * The URL of something to connect to, which may hold a password and is therefore a secret. It is printed without the
 * password: `postgres://orders:[secret]@db:5432/orders`. Several hosts with commas are taken, as MongoDB writes them.
 *
 * @throws {TypeError} when a protocol is one of the schemes of secret stores, `env:`, `vault:` or `kubernetes:`.
 */
export function connectionUrl(options: UrlOptions): Schema<Secret<string>> {
  const plain = notation(
    { type: 'connection url', expected: expectedUrl(options), protocols: options.protocols },
    (text) => (isUrl(text, options) ? text : undefined),
  );
  return secret(plain, { shown: redactUrl });
}

/**
 * A text with what is secret in a URL left out: the password, and the query's values whose names speak of secrets.
 * An `@` behind the host is taken for that of a password with an unescaped `/`, so rather too much is left out.
 */
export function redactUrl(text: string): string {
  return text
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^:@/?#]*):.*@/is, '$1:[secret]@')
    .replace(/([?&][^=&#]*(?:pass|pwd|secret|token|key|credential|sig)[^=&#]*=)[^&#]*/gi, '$1[secret]');
}

function expectedUrl({ protocols }: UrlOptions): string {
  const reserved = protocols.find((protocol) => reservedSchemes.includes(protocol.slice(0, -1)));
  if (reserved) {
    throw new TypeError(`Expected \`protocols\` to leave out the schemes of secret stores, got \`${reserved}\``);
  }
  if (protocols.length === 0 || !protocols.every((protocol) => /^[a-z][a-z0-9+.-]*:$/.test(protocol))) {
    throw new TypeError(`Expected \`protocols\` to be such as \`https:\`, got \`${protocols.join(', ')}\``);
  }
  return `a URL with ${protocols.length === 1 ? 'the protocol' : 'one of the protocols'} ${protocols.join(', ')}`;
}

function isUrl(text: string, { protocols }: UrlOptions): boolean {
  const protocol = protocols.find((candidate) => text.slice(0, candidate.length).toLowerCase() === candidate);
  // A parser of URLs drops these characters silently, so that what is checked would not be what is used.
  if (!protocol || /[\p{Cc}]|^\s|\s$/u.test(text)) return false;
  if (!text.startsWith('//', protocol.length)) return !/^(https?|wss?):/i.test(text);
  if (/\s/.test(text)) return false;
  const [userinfo, hosts] = splitAt(authority(text), '@');
  const rest = text.slice(protocol.length + 2 + authority(text).length);
  return hosts.split(',').every((host) => URL.canParse(`${protocol}//${userinfo}${host}${rest}`));
}

/** What stands between `//` and the path (RFC 3986 section 3.2). */
function authority(text: string): string {
  return /^[^:]*:\/\/([^/?#]*)/.exec(text)?.[1] ?? '';
}

/** Both parts of a text around the last `separator`, which stays with the first. */
function splitAt(text: string, separator: string): [string, string] {
  const end = text.lastIndexOf(separator) + 1;
  return [text.slice(0, end), text.slice(end)];
}
