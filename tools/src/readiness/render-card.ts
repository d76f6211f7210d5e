import type { Row, State } from './row.ts';

const signs: Readonly<Record<State, string>> = { ok: 'ok', gap: 'GAP', unknown: '?' };

/** The card as a table of text: what was seen, and below each gap the command that mends it. */
export function renderCard(service: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const indent = ' '.repeat(width + 8);
  const lines = rows.flatMap(({ name, state, evidence, mend }) => [
    `  ${name.padEnd(width)}  ${signs[state].padEnd(3)} ${wrap(evidence, 98 - indent.length).join(`\n${indent}`)}`,
    ...(mend === undefined || state === 'ok' ? [] : [`${indent}→ ${mend}`]),
  ]);
  const count = (state: State) => rows.filter((row) => row.state === state).length;
  return [
    `${service}: ${count('ok')} of ${rows.length} in order, ${count('gap')} to mend, ${count('unknown')} unknown`,
    '',
    ...lines,
  ].join('\n');
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
