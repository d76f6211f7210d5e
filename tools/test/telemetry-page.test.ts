import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readProjects } from '../src/workspace.ts';
import { workspaceRoot } from './scratch.ts';

// What the built example exposes and sends is compared with the page in `apps/example-service/test`; here stands what no
// running service shows: the libraries that it does not use.

const page = readFileSync(join(workspaceRoot, 'docs/telemetry.md'), 'utf8');

const libraries = readProjects(workspaceRoot)
  .filter(({ root }) => root.startsWith('libs/'))
  .map(({ manifest, root }) => ({
    library: manifest.name,
    sources: globSync(`${root}/src/**/*.ts`, { cwd: workspaceRoot })
      .filter((file) => !file.endsWith('.test.ts') && !/\/(?:testing|conformance)\//.test(file))
      .map((file) => readFileSync(join(workspaceRoot, file), 'utf8')),
  }));
const sources = libraries.flatMap(({ sources }) => sources);

/** The names of the instruments in a file that asks for some, each after the library that they are in the name of. */
function metricsIn(library: string, text: string): string[] {
  const [, named = library] = /\bcreateInstruments\('([^']+)'\)/.exec(text) ?? [];
  return instrumentsIn(text).map((name) => `${named} ${name}`);
}

/** The names of the instruments in a file that asks for some. */
function instrumentsIn(text: string): string[] {
  if (!text.includes('createInstruments(')) return [];
  const made = text.matchAll(/\b(?:counter|upDownCounter|histogram|gauge|observable\w+)\(\s*['"`]([a-z][\w.]*)['"`]/g);
  return [...made].map(([, name]) => name!);
}

/** The libraries that a file makes spans for. */
function tracersIn(text: string): string[] {
  const [, library] = /^(?:export )?const library = '(@org\/[\w-]+)'/m.exec(text) ?? [];
  const named = [...text.matchAll(/\btrace\.getTracer\((?:'([^']+)'|library)\)/g)];
  return named.map(([, name]) => name ?? library ?? 'a tracer without a name');
}

describe('docs/telemetry.md', () => {
  test('lists every metric that a library makes, once, and no other', () => {
    const made = new Set(
      libraries.flatMap(({ library, sources }) => sources.flatMap((text) => metricsIn(library, text))),
    );
    // A section of each library, under its name, with a row of each of its metrics.
    const listed = page.split(/^### /m).flatMap((section) => {
      const [library] = section.split('\n', 1);
      const rows = section.matchAll(/^\| `\w+` \| `([\w.]+)` \|/gm);
      return [...rows].map(([, name]) => `${library} ${name}`);
    });
    expect(listed.filter((row) => !row.includes(' otel.sdk.')).sort()).toEqual([...made].sort());
  });

  test('lists every library that makes spans, and no other', () => {
    const made = new Set(sources.flatMap(tracersIn));
    const [, spans = ''] = page.split(/^## Spans$/m);
    const listed = [...spans.matchAll(/^\| (@org\/[\w-]+) \|/gm)].map(([, library]) => library!);
    expect([...new Set(listed)].sort()).toEqual([...made].sort());
  });

  test('is compared with the instruments of the sources, in whatever way they stand there', () => {
    const text = `const instruments = createInstruments('@org/x');
      instruments.counter('a.b', { description: 'x' });
      createInstruments(library).histogram(
        'c.d',
      );
      const counter = (metric: string) => instruments.counter(metric, {});
      counter('e.f', '{x}');
      instruments.observableGauge('process_start_time_seconds', {});`;
    expect(instrumentsIn(text)).toEqual(['a.b', 'c.d', 'e.f', 'process_start_time_seconds']);
    expect(instrumentsIn("histogram('not.ours')")).toEqual([]);
  });
});
