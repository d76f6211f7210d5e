// What needs care in a line: quotes and whatever is no printable ASCII. Most texts have none of it.
const needsCare = /[^ !#-[\]-~]/;

// What JSON may hold as it is (RFC 8259 section 7), while terminals and viewers act on it: DEL and the controls of C1,
// the separators of lines and paragraphs, and what turns the direction of a text.
const actedUpon = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** A text as a JSON string that holds no control character, no line separator and no half of a surrogate pair. */
export function quote(text: string): string {
  return needsCare.test(text) ? escapeActedUpon(JSON.stringify(text)) : `"${text}"`;
}

/** A value of a record as JSON. What JSON has no number for is `null`. */
export function toJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : escapeActedUpon(JSON.stringify(value));
    default:
      return 'null';
  }
}

/** A text for people without what could act on a terminal or begin a line: such characters are written as in JSON. */
export function escapeControls(text: string): string {
  if (!needsCare.test(text)) return text;
  return escapeActedUpon(
    text.toWellFormed().replace(/[\u0000-\u001f]/g, (character) => JSON.stringify(character).slice(1, -1)),
  );
}

function escapeActedUpon(text: string): string {
  return text.replace(actedUpon, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
