import type { Environment, Fragments } from '@org/config';
import type { Logging } from '@org/logging';
import type { Telemetry } from '@org/telemetry';
import { announce } from './announce.ts';
import type { ServiceDefinition } from './definition.ts';
import { exitCode, exitCodeOfSignal } from './exit-codes.ts';
import { exitCodeOf } from './failure.ts';
import { openService } from './open-service.ts';

/** How long an error that nobody caught waits for spans and metrics to be sent. */
const lastFlushMs = 500;

/**
 * Serves until a signal ends it, and gives the exit code. A second signal ends the process at once; an error that nobody
 * caught ends it with exit code 1, after the logs are written and spans were given half a second to be sent.
 */
export async function serve<Config extends Fragments>(
  definition: ServiceDefinition<Config>,
  environment: Environment,
): Promise<number> {
  let logging: Logging | undefined;
  let telemetry: Telemetry | undefined;
  const startEnds = new AbortController();
  const asked = Promise.withResolvers<string>();
  const onSignal = (signal: NodeJS.Signals) => {
    if (startEnds.signal.aborted) endNow(signal, logging);
    startEnds.abort();
    asked.resolve(signal);
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  let crashing = false;
  const onCrash = (what: string) => (error: unknown) => {
    if (!crashing) void crash(error, what, { logging, telemetry });
    crashing = true;
  };
  process.on('uncaughtException', onCrash('An error that nobody caught'));
  process.on('unhandledRejection', onCrash('A rejection that nobody handled'));
  process.on('SIGHUP', () => logging?.reopen());

  try {
    const running = await openService(definition, {
      environment,
      signal: startEnds.signal,
      onLogging: (opened) => (logging = opened),
      onTelemetry: (opened) => (telemetry = opened),
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

interface Crashing {
  readonly logging: Logging | undefined;
  readonly telemetry: Telemetry | undefined;
}

async function crash(error: unknown, what: string, { logging, telemetry }: Crashing): Promise<never> {
  if (logging) {
    logging.logger.fatal({ err: error }, `${what} ends the process`);
    logging.flush();
  } else {
    process.stderr.write(`${what} ends the process: ${String((error as Error | undefined)?.stack ?? error)}\n`);
  }
  // Nothing may be sound any more, so this is short; whatever else fails meanwhile follows from it.
  await telemetry?.flush(lastFlushMs);
  logging?.flush();
  process.exit(exitCode.failure);
}

function endNow(signal: NodeJS.Signals, logging: Logging | undefined): never {
  logging?.logger.warn({ signal }, 'A second signal ends the process at once');
  logging?.flush();
  process.exit(exitCodeOfSignal(signal));
}
