import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A metric as `docs/telemetry.md` lists it. */
export interface ListedMetric {
  readonly library: string;
  readonly exposed: string;
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly labels: readonly string[];
  readonly meaning: string;
  /** Whether the example emits it as it runs in tests: not what its library is not part of, nor what needs TLS, a broker or a secret store. */
  readonly expected: boolean;
}

export const workspaceRoot = join(import.meta.dirname, '../../..');

/** Reads the page. */
export function readTelemetryPage() {
  const text = readFileSync(join(workspaceRoot, 'docs/telemetry.md'), 'utf8');
  const [, metrics = '', spans = ''] = /^## Metrics$([^]*)^## Spans$([^]*)^## /m.exec(text) ?? [];
  return { metrics: metrics.split(/^### /m).slice(1).flatMap(metricsOfSection), spans: rowsOf(spans) };
}

function metricsOfSection(section: string): ListedMetric[] {
  const library = section.slice(0, section.indexOf('\n'));
  // A table stands below a sentence that says when it holds.
  return section.split(/^(?=[A-Z][^\n|]*[.:]$)/m).flatMap((part) => {
    const expected = !/^(?:Not in example-service|With TLS only|Once messages arrive|With a secret store)/m.test(part);
    let last: readonly string[] = [];
    return rowsOf(part).map(([exposed, name, type, unit, labels, meaning]) => {
      last = labels === 'the same' ? last : namesIn(labels);
      const [bare, otel, ucum] = [exposed, name, unit].map((cell) => namesIn(cell)[0] ?? '') as [
        string,
        string,
        string,
      ];
      return {
        library,
        exposed: bare,
        name: otel,
        type: type ?? '',
        unit: ucum,
        labels: last,
        meaning: meaning ?? '',
        expected,
      };
    });
  });
}

/** The cells of the rows of a table, without its head. */
export function rowsOf(text: string): string[][] {
  const rows = text.split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:---|on |library )/.test(line));
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What stands in backticks. */
export function namesIn(text = ''): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
}
