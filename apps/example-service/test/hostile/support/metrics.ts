/** One sample of the exposition: its name, its labels, its value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Reads the text format of Prometheus strictly.
 *
 * @throws {Error} at the first line that is neither a comment nor a sample.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details
 */
export function parseExposition(text: string): Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# '))
    .map((line) => {
      const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ([^ ]+)(?: \d+)?$/.exec(line) ?? [];
      if (name === undefined || Number.isNaN(toNumber(value!))) throw new Error(`Expected a sample, got \`${line}\``);
      return { name, labels: parseLabels(labels), value: toNumber(value!) };
    });
}

function toNumber(text: string): number {
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== '') {
    const [whole, name, value] = /^([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/.exec(rest) ?? [];
    if (whole === undefined) throw new Error(`Expected labels, got \`${rest}\``);
    labels[name!] = value!;
    rest = rest.slice(whole.length);
  }
  return labels;
}
