const quoted = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`/.source;
const name = /[a-zA-Z_:][\w:]*/.source;
const selector = `(?<metric>${name})?\\s*\\{(?<matchers>(?:${quoted}|[^"'\`}])*)\\}`;
/** A metric without braces: a name that neither is called nor aggregates. */
const bareMetric = `(?<bare>${name})(?![\\w:]|\\s*\\(|\\s+(?:by|without)\\b)`;
/** Lists of labels and words of the language are left as they are; so are numbers and durations. */
const labels = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/.source;
const words = /\b(?:and|or|unless|bool|offset|atan2|inf|nan|group_left|group_right)(?![\w:])/.source;
const number = /\d[\w.:]*/.source;
const tokens = new RegExp([quoted, '#.*', labels, words, number, selector, bareMetric, name].join('|'), 'gi');

/**
 * Narrows an expression to the series of one job: adds `job="…"` to each of its selectors. A service's rules then speak of
 * that service alone, and forty services do not raise each alert forty times.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/basics/#time-series-selectors
 */
export function scopeToJob(expression: string, job: string): string {
  const own = `job="${job}"`;
  return expression.replaceAll(tokens, (...match) => {
    const { metric = '', matchers, bare } = match.at(-1) as Record<'metric' | 'matchers' | 'bare', string | undefined>;
    if (matchers !== undefined) return `${metric}{${matchers.trim() === '' ? own : `${own},${matchers}`}}`;
    return bare === undefined ? match[0] : `${bare}{${own}}`;
  });
}
