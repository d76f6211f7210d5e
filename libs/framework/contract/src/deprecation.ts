/** That an operation should not be used any more, and until when it can be. */
export interface Deprecation {
  /** The day since when: `YYYY-MM-DD`, from 0:00 UTC on. */
  readonly since: string;
  /** The day from which on it may be gone: `YYYY-MM-DD`, not before `since`. */
  readonly sunset?: string;
  /** Where a person reads what to use in its place: an `https:` or `http:` URL. */
  readonly link?: string;
}

/** What is wrong with a deprecation, if anything is. */
export function faultOfDeprecation({ since, sunset, link }: Deprecation): string | undefined {
  const wrong = [since, sunset].find((day) => day !== undefined && !isDay(day));
  if (wrong !== undefined) return `Expected \`deprecated\` to have days as YYYY-MM-DD, got \`${wrong}\``;
  if (sunset !== undefined && sunset < since) {
    return `Expected \`deprecated.sunset\` to be ${since} or later, got \`${sunset}\``;
  }
  if (link === undefined || /^https?:$/.test(URL.parse(link)?.protocol ?? '')) return undefined;
  return `Expected \`deprecated.link\` to be an http or https URL, got \`${link}\``;
}

/** The deprecation in words. */
export function describeDeprecation({ since, sunset, link }: Deprecation): string {
  const gone = sunset === undefined ? '' : `; it may be gone from ${sunset} on`;
  return `Deprecated since ${since}${gone}.${link === undefined ? '' : ` See ${link}.`}`;
}

function isDay(text: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
