import type { Environment, Fragments } from '@org/config';
import { ServiceError } from '@org/errors';
import type { Command } from '@org/runtime';
import type { ServiceDefinition } from './definition.ts';
import { exitCode, exitCodeOfSignal } from './exit-codes.ts';
import { readFirstStage } from './first-stage.ts';
import { openKernel } from './kernel.ts';
import { openStores } from './stores.ts';
import { within } from './within.ts';

/**
 * Runs one of the service's own sub-commands: logs and secrets as when serving, no ops port, and no parts but its own.
 * A signal ends it: what it opened is closed, and a second one ends the process at once.
 */
export async function runCommand<CommandSettings>(
  definition: ServiceDefinition<Fragments>,
  command: Command<CommandSettings>,
  commandArguments: readonly string[],
  environment: Environment,
): Promise<number> {
  const stage = readFirstStage(definition, environment);
  const { read } = stage;
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => stop.abort(signal);
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const kernel = await openKernel(definition, stage.kernelSettings, {
    environment,
    signal: stop.signal,
    ops: false,
    // Standard output is the command's own.
    logs: (line) => process.stderr.write(line),
  });
  const work = async () => {
    const sources = await openStores(stage, kernel);
    const settings = await read.resolve(sources, { signal: kernel.startSignal() });
    await command.run({
      arguments: commandArguments,
      settings: settings as CommandSettings,
      start: kernel.start,
      print: (line) => void process.stdout.write(`${line}\n`),
    });
  };
  try {
    const { ended } = await within(work(), Infinity, stop.signal);
    return ended ? exitCode.ok : exitCodeOfSignal(stop.signal.reason as NodeJS.Signals);
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'invalid_argument' && error.reason === undefined))
      throw error;
    process.stderr.write(`${error.message}\n${definition.name} ${command.name} ${command.usage ?? ''}\n`);
    return exitCode.usage;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await kernel.abandon();
  }
}
