import { SpanKind, type Attributes, type SpanOptions } from '@opentelemetry/api';

/** What spans and metrics say of a statement. */
export interface Summary {
  /** `SELECT orders`. */
  readonly text: string;
  /** Without the values that stand in it. */
  readonly sanitized: string;
  /** `SELECT`. */
  readonly operation: string;
  /** The table, where the statement begins with one. */
  readonly collection: string | undefined;
  readonly attributes: Attributes;
  /** What a span of it begins with. */
  readonly span: SpanOptions;
  /** For errors: run `SELECT orders`. */
  readonly doing: string;
}

/** How many texts are remembered; whoever writes values into the text makes a new one each time. */
const limit = 1_000;
const identifier = String.raw`(?:"[^"]+"|[\w$]+)`;
const target = new RegExp(
  String.raw`\b(?:from|into|update(?!\s+set)|table(?:\s+if(?:\s+not)?\s+exists)?|join)\s+(?:only\s+)?(${identifier}(?:\.${identifier})*)`,
  'i',
);

/** Tells statements apart by what they do to which table, and remembers that for each text. */
export function createSummaries(common: Attributes): (text: string) => Summary {
  const known = new Map<string, Summary>();
  return (text) => {
    const found = known.get(text);
    if (found) return found;
    if (known.size >= limit) known.clear();
    const made = summarize(text, common);
    known.set(text, made);
    return made;
  };
}

function summarize(text: string, common: Attributes): Summary {
  const sanitized = sanitize(text);
  const operation = (/^\W*(\w+)/.exec(sanitized)?.[1] ?? 'statement').toUpperCase();
  const collection = target.exec(sanitized)?.[1]?.replaceAll('"', '');
  const summary = collection === undefined ? operation : `${operation} ${collection}`;
  const attributes = Object.freeze({
    ...common,
    'db.operation.name': operation,
    ...(collection !== undefined && { 'db.collection.name': collection }),
  });
  const span = Object.freeze({ kind: SpanKind.CLIENT, attributes });
  return { text: summary, sanitized, operation, collection, attributes, span, doing: `run \`${summary}\`` };
}

/**
 * A statement without its literals and comments; parameters (`$1`) stay.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/db/database-spans/#sanitization-of-dbquerytext
 */
export function sanitize(text: string): string {
  const parts =
    /"(?:[^"]|"")*"|\$\d+|--[^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$|\b[eE]'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|\b\d[\w.]*/g;
  return text
    .replaceAll(parts, (part) => {
      if (part.startsWith('"') || /^\$\d+$/.test(part)) return part;
      return part.startsWith('--') || part.startsWith('/*') ? '' : '?';
    })
    .replaceAll(/\s+/g, ' ')
    .trim();
}
