import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runReadme } from '@org/testing';
import { expect, test } from 'vitest';

const directory = join(import.meta.dirname, '..');

test('the example of the README runs, and what it says is measured is', async () => {
  const text = await runReadme(directory);
  expect(text).toContain('\norders_placed_total{country="CH"} 1\n');
  expect(text).toContain('\norders_price_duration_bucket{le="0.025"} 1\n');

  const rows = (await readFile(join(directory, 'README.md'), 'utf8')).match(/^\| `.* \|$/gm) ?? [];
  const names = rows.flatMap((row) =>
    [...row.matchAll(/`([a-z0-9_.]+\.[a-z0-9_.*]+|process_\w+)`/g)].map(([, name]) => name),
  );
  const metrics = names
    .filter((name) => name !== 'cpu.mode')
    .map((name) => name!.replace('.*', '.').replaceAll('.', '_'));
  expect(metrics).toHaveLength(7);
  for (const metric of metrics) expect(text).toContain(`\n# TYPE ${metric}`);
});
