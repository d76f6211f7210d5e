import { setTimeout as delay } from 'node:timers/promises';
import type { Environment, Fragments } from '@org/config';
import type { Contract } from '@org/contract';
import { ServiceError } from '@org/errors';
import { createHealth, type Health } from '@org/health';
import { openLogging, type Logger, type Logging } from '@org/logging';
import { observeProcess, openMetrics } from '@org/metrics';
import type { Resource, Runtime } from '@org/runtime';
import { openTelemetry } from '@org/telemetry';
import type { ConfigurationRow } from './configuration.ts';
import type { ServiceDefinition, Start } from './definition.ts';
import type { KernelSettings } from './fragments.ts';
import { observeLogs } from './observe-logs.ts';
import type { OpenOptions } from './open-service.ts';
import { createKernelHandlers } from './ops/handlers.ts';
import { serveOps } from './ops/serve-ops.ts';
import { createResources, type Resources, type Trouble } from './resources.ts';

/** What stands before the service's own parts are opened, and after they are closed. */
export interface Kernel {
  readonly logging: Logging;
  readonly logger: Logger;
  readonly health: Health;
  /** Where the parts that are open are found. */
  links(): Readonly<Record<string, string>>;
  readonly start: Start;
  /** A signal that aborts when the start is to end, or has taken too long. */
  startSignal(): AbortSignal;
  stoppedDuringStart(): ServiceError;
  /** The orderly stop. Never rejects. */
  readonly stop: (reason: string) => Promise<readonly Trouble[]>;
  /** Closes what is open after a start that failed. Never rejects. */
  abandon(): Promise<void>;
}

export interface KernelOptions extends OpenOptions {
  readonly environment: Environment;
  /** `false`: without an ops port. */
  readonly ops?: false;
  /** The configuration in force, for the ops port. Default: nothing. */
  readonly configuration?: () => readonly ConfigurationRow[];
}

/** Opens logs, telemetry, health and the ops port, in this order. */
export async function openKernel(
  { name, contract }: Pick<ServiceDefinition<Fragments>, 'name' | 'contract'>,
  settings: KernelSettings,
  options: KernelOptions,
): Promise<Kernel> {
  const { shutdownDelayMs, shutdownTimeoutMs, startTimeoutMs, version, commit } = settings.service;
  const service = { name, version, commit };
  const logging = await openLogging(settings.logging, {
    service,
    ...(options.logs && { destination: { write: options.logs } }),
  });
  options.onLogging?.(logging);
  const { logger } = logging;
  const stopSignal = new AbortController();
  const startEnds = new AbortController();
  const endStart = () => startEnds.abort();
  if (options.signal?.aborted) endStart();
  options.signal?.addEventListener('abort', endStart, { once: true });
  const resources = createResources({ logger, timeoutMs: startTimeoutMs, signal: startEnds.signal });
  const links: Record<string, string> = {};

  const close = async (deadline: number) => {
    const troubles = await resources.close(deadline);
    for (const { resource, during, error } of troubles) {
      const outcome = error === undefined ? 'did not end in time' : 'failed';
      logger.error({ resource, ...(error !== undefined && { err: error }) }, `The ${during} of ${resource} ${outcome}`);
    }
    options.signal?.removeEventListener('abort', endStart);
    return troubles;
  };

  try {
    const { health, ops } = await openBase(resources, { settings, service, logging, contract, ...options });
    const runtimeOf = (resource: string): Runtime<Contract> => ({
      logger: logger.named(resource),
      service,
      contract,
      health,
      signal: stopSignal.signal,
    });
    const start: Start = async (resource, open) => {
      health.waitingFor(resource);
      const opened = await resources.open(resource, () => open(runtimeOf(resource)));
      const { kind, critical, check, ops: handlers, links: found } = (opened ?? {}) as Partial<Resource>;
      if (check) {
        health.add({
          name: resource,
          ...(kind && { kind }),
          ...(critical !== undefined && { critical }),
          check: (signal) => check.call(opened, signal),
        });
      }
      if (handlers) ops?.add(handlers);
      Object.assign(links, found);
      return opened;
    };

    const stopOnce = async (reason: string) => {
      const deadline = performance.now() + shutdownTimeoutMs;
      logger.info({ reason, delayMs: shutdownDelayMs }, `${name} stops: ${reason}`);
      health.stopping(reason);
      stopSignal.abort();
      await delay(shutdownDelayMs);
      const troubles = await close(deadline);
      logger.info(troubles.length === 0 ? `${name} has stopped` : `${name} has stopped, not all of it in order`);
      await logging[Symbol.asyncDispose]();
      return troubles;
    };
    let stopping: Promise<readonly Trouble[]> | undefined;
    return {
      logging,
      logger,
      health,
      // What the service itself offers comes first.
      links: () => ({ ...links, ...ops?.links }),
      start,
      startSignal: () => AbortSignal.any([startEnds.signal, AbortSignal.timeout(startTimeoutMs)]),
      stoppedDuringStart: () =>
        new ServiceError('cancelled', `${name} was told to stop while it started`, { reason: 'STOPPED_DURING_START' }),
      stop: (reason) => (stopping ??= stopOnce(reason)),
      async abandon() {
        health.stopping('the start failed');
        stopSignal.abort();
        await close(performance.now() + shutdownTimeoutMs);
        await logging[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    logFailedStart(logger, name, { error, stopped: startEnds.signal.aborted });
    await close(performance.now() + shutdownTimeoutMs);
    await logging[Symbol.asyncDispose]();
    throw error;
  }
}

/** Says why a start ended early: in plain words when it was told to, else with the error. */
export function logFailedStart(logger: Logger, name: string, { error, stopped }: { error: unknown; stopped: boolean }) {
  if (stopped) logger.info(`${name} was told to stop while it started`);
  else logger.fatal({ err: error }, `${name} cannot start`);
}

interface Base extends KernelOptions {
  readonly settings: KernelSettings;
  readonly service: Runtime['service'];
  readonly logging: Logging;
  readonly contract: Contract;
}

async function openBase(resources: Resources, { settings, service, logging, environment, ...base }: Base) {
  const { logger } = logging;
  const metrics = await openMetrics();
  const telemetry = await resources.open('telemetry', () =>
    openTelemetry(settings.telemetry, { service, metrics, logger, environment }),
  );
  base.onTelemetry?.(telemetry);
  await resources.open('process-metrics', async () => {
    const observers = new DisposableStack();
    observers.use(observeLogs(logging));
    observers.use(await observeProcess());
    return { [Symbol.asyncDispose]: async () => observers.dispose() };
  });
  const health = await resources.open('health', () =>
    createHealth(settings.health, { logger: logger.named('health') }),
  );
  if (base.ops === false) return { health };
  const ops = await resources.open('ops', () => serveOps(settings.ops, { logger: logger.named('ops') }));
  const { configuration = () => [] } = base;
  ops.add(createKernelHandlers({ settings, service, logging, metrics, health, routes: ops.routes, configuration }));
  return { health, ops };
}
