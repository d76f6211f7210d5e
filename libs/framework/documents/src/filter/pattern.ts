/** A regular expression that JavaScript, PCRE (MongoDB) and PostgreSQL read alike. */
export interface Pattern {
  readonly source: string;
  readonly ignoreCase: boolean;
  /** The same in PostgreSQL's notation. */
  readonly posix: string;
}

const maximumLength = 1_000;

/** The parts of a pattern, in the order in which they are tried. */
const parts = new RegExp(
  [
    String.raw`(?<escape>\\.)`,
    String.raw`(?<group>\((?:\?:|(?!\?))|\))`,
    String.raw`(?<set>\[(?<negated>\^?)(?<members>(?:\\.|[^\]\\[])+)\])`,
    String.raw`(?<repeat>(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})(?![*+?{]))`,
    String.raw`(?<anchor>[\^$|])`,
    String.raw`(?<any>\.)`,
    String.raw`(?<literal>[^\\()[\]{}*+?.^$|])`,
  ].join('|'),
  'suy',
);

/** What `\d` and the like stand for within a set. */
const classes: Readonly<Record<string, string>> = { d: '0-9', w: 'A-Za-z0-9_', s: String.raw`\t\n\v\f\r ` };

/**
 * @param options `i` for upper and lower case alike.
 * @throws {TypeError} for what not all of them read alike: look-around, back references, lazy or possessive repeats, `\b`, flags.
 */
export function parsePattern(source: string, options: string): Pattern {
  const refuse = (why: string) =>
    new TypeError(
      `Expected a regular expression that every database reads alike, got \`${source.slice(0, 100)}\`: ${why}`,
    );
  if (options !== '' && options !== 'i') throw refuse(`the only option is \`i\`, not \`${options}\``);
  if (source.length > maximumLength) throw refuse(`it is longer than ${maximumLength} characters`);
  try {
    new RegExp(source, 'u');
  } catch {
    throw refuse('it is none');
  }
  let posix = '';
  parts.lastIndex = 0;
  for (let at = 0; at < source.length; at = parts.lastIndex) {
    parts.lastIndex = at;
    const groups = parts.exec(source)?.groups;
    const part = groups && posixOf(groups);
    if (part === undefined) throw refuse(`see what stands at ${at}`);
    posix += part;
  }
  return { source, ignoreCase: options === 'i', posix };
}

/** Texts of the parts, by their names; those that a part is not are missing. */
type Groups = Readonly<Record<string, string | undefined>>;

function posixOf({ escape, set, negated, members, any, ...others }: Groups): string | undefined {
  if (any !== undefined) return String.raw`[^\n]`;
  if (escape !== undefined) {
    const name = escape.slice(1);
    const known = classes[name.toLowerCase()];
    if (known !== undefined) return `[${name === name.toLowerCase() ? '' : '^'}${known}]`;
    return escapeOf(name);
  }
  if (set !== undefined) {
    const written = (members ?? '').replaceAll(
      /\\(.)/gsu,
      (_, name: string) => classes[name] ?? escapeOf(name) ?? '\0',
    );
    return written.includes('\0') || /^\^|[-&~]{2}/.test(members ?? '') ? undefined : `[${negated}${written}]`;
  }
  return Object.values(others).find((part) => part !== undefined);
}

/** A character that has lost its meaning, or one that cannot be seen. */
function escapeOf(name: string): string | undefined {
  return /^[\^$\\.*+?()[\]{}|/\-tnrfv]$/.test(name) ? `\\${name}` : undefined;
}
