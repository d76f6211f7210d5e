import type { Environment, Fragments } from '@org/config';
import type { Logging } from '@org/logging';
import { announce } from './announce.ts';
import type { ServiceDefinition } from './definition.ts';
import { exitCode, exitCodeOfSignal } from './exit-codes.ts';
import { exitCodeOf } from './failure.ts';
import { openService } from './open-service.ts';

/**
 * Serves until a signal ends it, and gives the exit code. A second signal ends the process at once; an error that nobody
 * caught ends it with exit code 1 after the logs are written.
 */
export async function serve<Config extends Fragments>(
  definition: ServiceDefinition<Config>,
  environment: Environment,
): Promise<number> {
  let logging: Logging | undefined;
  const startEnds = new AbortController();
  const asked = Promise.withResolvers<string>();
  const onSignal = (signal: NodeJS.Signals) => {
    if (startEnds.signal.aborted) endNow(signal, logging);
    startEnds.abort();
    asked.resolve(signal);
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  process.on('uncaughtException', (error) => crash(error, 'An error that nobody caught', logging));
  process.on('unhandledRejection', (error) => crash(error, 'A rejection that nobody handled', logging));
  process.on('SIGHUP', () => logging?.reopen());

  try {
    const running = await openService(definition, {
      environment,
      signal: startEnds.signal,
      onLogging: (opened) => (logging = opened),
    });
    announce(definition.name, running.links, logging as Logging);
    const troubles = await running.stop(await asked.promise);
    return troubles.length === 0 ? exitCode.ok : exitCode.failure;
  } catch (error) {
    if (startEnds.signal.aborted) return exitCode.ok;
    // Whoever reads the logs has it from there.
    if (logging) return exitCodeOf(error);
    throw error;
  }
}

function crash(error: unknown, what: string, logging: Logging | undefined): never {
  if (logging) {
    logging.logger.fatal({ err: error }, `${what} ends the process`);
    logging.flush();
  } else {
    process.stderr.write(`${what} ends the process: ${String((error as Error | undefined)?.stack ?? error)}\n`);
  }
  process.exit(exitCode.failure);
}

function endNow(signal: NodeJS.Signals, logging: Logging | undefined): never {
  logging?.logger.warn({ signal }, 'A second signal ends the process at once');
  logging?.flush();
  process.exit(exitCodeOfSignal(signal));
}
