// CloudEvents HTTP protocol binding 1.0.2 section 3.1.3.2; that of NATS has the same text.

/** Percent-encodes what is well-formed text. */
export function encodeHeaderValue(text: string): string {
  return /[^\x21\x23\x24\x26-\x7e]/.test(text) ? text.replace(/[^\x21\x23\x24\x26-\x7e]+/g, encodeURIComponent) : text;
}

/**
 * Undoes quotes around a value, which older senders write (RFC 7230 section 3.2.6), and then percent-encoding, once. A
 * percent sign that encodes nothing stands for itself, since some senders encode nothing at all.
 *
 * @throws {URIError} when what is encoded is not UTF-8.
 */
export function decodeHeaderValue(value: string): string {
  const isQuoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
  const text = isQuoted ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
  return text.includes('%') ? text.replace(/(?:%[0-9a-f]{2})+/gi, decodeURIComponent) : text;
}
