import { loadEnvironment, type Environment, type Fragments, type Settings } from '@org/config';
import { ServiceError } from '@org/errors';
import type { ServiceDefinition } from './definition.ts';
import { describeService } from './describe.ts';
import { exitCode } from './exit-codes.ts';
import { exitCodeOf } from './failure.ts';
import { readFirstStage } from './first-stage.ts';
import { helpOf } from './help.ts';
import { runCommand } from './run-command.ts';
import { serve } from './serve.ts';

/** Runs what the command line says, and ends the process with its exit code. */
export async function runCommandLine<Config extends Fragments>(
  definition: ServiceDefinition<Config>,
  [command = 'serve', ...rest]: readonly string[],
): Promise<void> {
  // A reader that has seen enough, such as `head`, is no failure.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    // Printing is over before the process ends: standard output may be a pipe, which is written to in the background.
    process.exitCode = await dispatch(definition, command, rest);
    await flushed(process.stdout);
  } catch (error) {
    process.stderr.write(
      `${error instanceof ServiceError ? error.message : String((error as Error).stack ?? error)}\n`,
    );
    process.exitCode = exitCodeOf(error);
  }
  await flushed(process.stderr);
  process.exit();
}

async function dispatch<Config extends Fragments>(
  definition: ServiceDefinition<Config>,
  command: string,
  rest: readonly string[],
): Promise<number> {
  const described = definition as unknown as ServiceDefinition<Fragments>;
  switch (command) {
    case 'serve':
      if (rest.length > 0) return misuse(definition.name, `serve ${rest.join(' ')}`);
      return await serve(definition, environmentHere());
    case 'describe':
      print(JSON.stringify(describeService(described), undefined, 2));
      return exitCode.ok;
    case 'help':
    case '--help':
    case '-h':
      print(helpOf(described));
      return exitCode.ok;
    case 'check-config': {
      const { pending } = read(described);
      print(`The configuration of ${definition.name} is in order${notFetched(pending.length)}.`);
      return exitCode.ok;
    }
    case 'print-config':
      for (const { variable, value, source } of read(described).report()) print(`${variable}=${value}  # ${source}`);
      return exitCode.ok;
  }
  const own = definition.commands?.find(({ name }) => name === command);
  if (!own) return misuse(definition.name, command);
  return await runCommand<Settings<Config>>(described, own, rest, environmentHere());
}

function read(definition: ServiceDefinition<Fragments>) {
  return readFirstStage(definition, environmentHere()).read;
}

function notFetched(count: number): string {
  if (count === 0) return '';
  return count === 1
    ? '; 1 value comes from a secret store and was not fetched'
    : `; ${count} values come from secret stores and were not fetched`;
}

function environmentHere(): Environment {
  return loadEnvironment({ directory: process.cwd() });
}

function misuse(service: string, command: string): number {
  process.stderr.write(`${service} has no command \`${command}\`. \`help\` lists what it has.\n`);
  return exitCode.usage;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
