import type { Environment, Fragments, Settings } from '@org/config';
import type { Logging } from '@org/logging';
import { configurationInForce } from './configuration.ts';
import type { Telemetry } from '@org/telemetry';
import type { ServiceDefinition } from './definition.ts';
import { readFirstStage } from './first-stage.ts';
import { logFailedStart, openKernel } from './kernel.ts';
import type { Trouble } from './resources.ts';
import { openStores } from './stores.ts';
import { within } from './within.ts';

export interface OpenOptions {
  /** Default: the process's, without `.env`. */
  readonly environment?: Environment;
  /** Ends the start when it aborts. A service that has started is ended by `stop`. */
  readonly signal?: AbortSignal;
  /** Takes the log's lines in place of standard output. */
  readonly logs?: (line: string) => void;
  /** Told as soon as the logs are open, for whoever must log what goes wrong outside the service. */
  readonly onLogging?: (logging: Logging) => void;
  /** Told as soon as telemetry has started, for whoever must send what there is before the process ends. */
  readonly onTelemetry?: (telemetry: Telemetry) => void;
}

/** A service that has started. */
export interface RunningService<ServiceSettings = unknown> extends AsyncDisposable {
  readonly settings: ServiceSettings;
  /** Where its parts are found, by what they are: `{ API: 'http://localhost:3000' }`. */
  readonly links: Readonly<Record<string, string>>;
  /** Stops it as SIGTERM does; called again, it waits for the same stop. Never rejects. Gives what did not end well. */
  stop(reason: string): Promise<readonly Trouble[]>;
}

/**
 * Starts a service: settings, logs, telemetry and the ops port, then the secrets that its settings refer to, then its parts.
 * What was open is closed again when a later one fails.
 *
 * @throws {ServiceError} invalid_argument, CONFIGURATION_INVALID, before anything is opened; START_FAILED, START_TIMEOUT,
 *   STOPPED_DURING_START; SECRETS_UNAVAILABLE.
 */
export async function openService<Config extends Fragments>(
  definition: ServiceDefinition<Config>,
  options: OpenOptions,
): Promise<RunningService<Settings<Config>>> {
  const environment = options.environment ?? process.env;
  const stage = readFirstStage(definition, environment);
  const { read } = stage;
  const configuration = () => configurationInForce(definition, stage);
  const kernel = await openKernel(definition, stage.kernelSettings, { ...options, environment, configuration });
  const { logger, health, start, stop } = kernel;
  try {
    for (const hint of read.hints) logger.warn(hint);
    const sources = await openStores(stage, kernel);
    health.waitingFor(
      read.pending.length > 0 ? `secrets: ${read.pending.map(({ variable }) => variable).join(', ')}` : undefined,
    );
    const settings = await read.resolve(sources, {
      signal: kernel.startSignal(),
      onRefused: ({ variable, source, message }) =>
        logger.error({ variable, source }, `A changed secret is refused, the last good one stays in force: ${message}`),
    });
    const starting = definition.start({ settings: settings as unknown as Settings<Config>, start });
    // The parts' own time-outs bound the start.
    const started = await within(starting, Infinity, options.signal);
    if (!started.ended) throw kernel.stoppedDuringStart();
    health.started();
    return {
      settings: settings as unknown as Settings<Config>,
      links: kernel.links(),
      stop,
      [Symbol.asyncDispose]: async () => void (await stop('disposed')),
    };
  } catch (error) {
    logFailedStart(logger, definition.name, { error, stopped: options.signal?.aborted === true });
    await kernel.abandon();
    throw error;
  }
}
