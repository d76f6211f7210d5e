import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcess } from './process.ts';

const timeLimitMs = 30_000;

/**
 * Runs the examples of a README, each as a module of its own with the workspace's packages taken from source, and
 * gives what they print, in order.
 *
 * @param directory The folder that holds `README.md`; imports resolve from there. Each fenced block marked `ts` is an example.
 * @throws {Error} when there is no example, or one fails or takes longer than 30 s; with what it wrote to standard error.
 */
export async function runReadme(directory: string): Promise<string> {
  const text = await readFile(join(directory, 'README.md'), 'utf8');
  const examples = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1] as string);
  if (examples.length === 0) throw new Error(`Expected an example (a block marked \`ts\`) in ${directory}/README.md`);
  let output = '';
  for (const [index, example] of examples.entries()) {
    output += await run(example, `example ${index + 1} of ${directory}/README.md`, directory);
  }
  return output;
}

async function run(source: string, what: string, directory: string): Promise<string> {
  const nodeArguments = ['--conditions=@org/source', '--input-type=module-typescript', '-'];
  await using example = await startProcess(process.execPath, nodeArguments, { cwd: directory, input: source });
  const timer = setTimeout(() => example.kill('SIGKILL'), timeLimitMs);
  const { code, signal } = await example.exit;
  clearTimeout(timer);
  if (code !== 0) throw new Error(`Expected ${what} to end well, got exit ${code ?? signal}:\n${example.stderr}`);
  return example.stdout;
}
