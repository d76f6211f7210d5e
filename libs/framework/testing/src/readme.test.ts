import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runReadme } from './readme.ts';
import { temporaryDirectory } from './temporary-directory.ts';

async function runText(text: string): Promise<string> {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, 'README.md'), text);
  return await runReadme(directory.path);
}

describe('runReadme', () => {
  test('runs each example as a module of its own, from the folder of the README', async () => {
    const output = await runText(
      [
        '# Title',
        '```sh',
        'exit 1',
        '```',
        '```ts',
        'const name: string = "first";',
        'console.log(name, process.cwd().includes("test-"));',
        '```',
        'and',
        '```ts',
        'const name = await Promise.resolve("second");',
        'console.log(name);',
        '```',
      ].join('\n'),
    );
    expect(output).toBe('first true\nsecond\n');
  });

  test('rejects with what an example that fails has written', async () => {
    await expect(runText('```ts\nconsole.error("why"); process.exit(2);\n```')).rejects.toThrow(
      /example 1 of .*README\.md to end well, got exit 2:\nwhy/,
    );
  });

  test('rejects when there is no example', async () => {
    await expect(runText('```sh\nls\n```')).rejects.toThrow('Expected an example');
  });
});

test('the example of this README runs', async () => {
  expect(await runReadme(join(import.meta.dirname, '..'))).toMatch(/^answered: true reset: 0\nexit: 0\n$/);
});
