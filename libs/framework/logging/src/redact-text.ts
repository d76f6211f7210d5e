import { isSecretName, secretMark } from './secret-names.ts';

const maximumCharacters = 16_384;

// In both, each repetition excludes the character that begins a match, so that the time is linear in the text's length.
/** RFC 3986 section 3.2.1: the password is what follows the first colon of the user information. */
const passwordInUrl = /:\/\/([^\s/:@"'`<>]*):[^\s/"'`<>]*@/g;
const parameterInUrl = /([?&])([^\s?&#="'`<>]+)=[^\s?&#"'`<>]*/g;

/**
 * A text without the secrets of the URLs in it: passwords (`postgres://orders:[secret]@db/orders`) and parameters with
 * the name of a secret (`?access_token=[secret]`). At most 16 384 characters of it are kept.
 */
export function redactText(text: string): string {
  if (isHarmlessText(text)) return text;
  const redacted = text
    .replace(passwordInUrl, `://$1:${secretMark}@`)
    .replace(parameterInUrl, (parameter, mark: string, name: string) =>
      isSecretName(name) ? `${mark}${name}=${secretMark}` : parameter,
    );
  const rest = redacted.length - maximumCharacters;
  return rest > 0 ? `${redacted.slice(0, maximumCharacters)}… (${rest} more characters)` : redacted;
}

/** Tells whether a text is short and can hold no URL with a secret, so that it can be printed as it is. */
export function isHarmlessText(text: string): boolean {
  return text.length <= maximumCharacters && !text.includes('://') && !text.includes('?');
}
