import { context, metrics, propagation, trace } from '@opentelemetry/api';
import type { Environment } from '@org/config';
import { createContextManager } from '@org/context';
import type { Logger } from '@org/logging';
import type { Metrics } from '@org/metrics';
import { logDiagnostics } from './diagnostics.ts';
import { unregisterGlobals } from './globals.ts';
import { createIds } from './ids.ts';
import { ignoredVariables } from './ignored-variables.ts';
import { createPropagator } from './propagator.ts';
import { reasonOf } from './reason.ts';
import { createResource, type TracedService } from './resource.ts';
import { sdkVariables, sendsMetrics, sendsSpans, type TelemetrySettings } from './settings.ts';
import { createUnrecordedSpans } from './unrecorded-spans.ts';
import { withEnvironment } from './with-environment.ts';
import { within } from './within.ts';

const stopTimeoutMs = 3_000;

/** The running OpenTelemetry SDK. Disposing it sends what is left, within 3 s, and never rejects. */
export interface Telemetry extends AsyncDisposable {
  /** What becomes of spans: sent somewhere, made only for their ids, or not made at all. */
  readonly spans: 'sent' | 'local' | 'off';
  /** Sends what has ended so far, within `timeoutMs`, for a process that is about to end. Never rejects. */
  flush(timeoutMs: number): Promise<void>;
}

export interface TelemetryOptions {
  readonly service: TracedService;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Where the SDK finds its `OTEL_*` variables. */
  readonly environment: Environment;
}

/**
 * Starts the OpenTelemetry SDK for the process: metrics go to the reader of `metrics` and, where the variables say so, to
 * a collector; spans to the exporter that the variables name, or nowhere. What an earlier call started is replaced: there
 * is one SDK in a process.
 */
export async function openTelemetry(settings: TelemetrySettings, options: TelemetryOptions): Promise<Telemetry> {
  if (settings.disabled) {
    unregisterGlobals();
    return { spans: 'off', async flush() {}, async [Symbol.asyncDispose]() {} };
  }

  const logger = options.logger.named('opentelemetry');
  const resources = await import('@opentelemetry/resources');
  const propagator = await createPropagator(settings);
  const makeSending = sendsMetrics(settings) ? await prepareMetrics(settings, logger) : undefined;
  const startSpans = sendsSpans(settings) ? await prepareSpans(settings, logger) : undefined;

  const { measuring, sent } = withEnvironment({ ...options.environment, ...sdkVariables(settings) }, () => {
    unregisterGlobals();
    logDiagnostics(logger, settings.logLevel);
    const resource = createResource(resources, options.service);
    const sending = makeSending?.();
    const measuring = options.metrics.measure({ resource, ...(sending && { sending }) });
    const sent = startSpans?.(resource, measuring.provider);
    context.setGlobalContextManager(createContextManager());
    propagation.setGlobalPropagator(propagator);
    metrics.setGlobalMeterProvider(measuring.provider);
    trace.setGlobalTracerProvider(sent ? sent.provider : createUnrecordedSpans(createIds()));
    return { measuring, sent };
  });

  const ignored = ignoredVariables(options.environment);
  if (ignored.length > 0) logger.warn(`${ignored.join(', ')} has no effect: logs are read from standard output`);

  const stop = async () => {
    const stopped = Promise.all([sent?.shutdown(), measuring.shutdown()]);
    const error = await within(stopped, stopTimeoutMs);
    if (!error) return;
    const spans = sent?.lost() ?? 0;
    logger.warn(
      { ...reasonOf(error), ...(spans > 0 && { spans }) },
      'not everything could be sent; look at OTEL_EXPORTER_OTLP_ENDPOINT and its collector',
    );
  };
  let stopping: Promise<void> | undefined;
  return {
    spans: sent ? 'sent' : 'local',
    async flush(timeoutMs) {
      await within(Promise.all([sent?.flush(), measuring.flush()]), timeoutMs);
    },
    [Symbol.asyncDispose]() {
      stopping ??= stop().finally(() => {
        // A service that started later in this process has its own by now.
        if (metrics.getMeterProvider() === measuring.provider) unregisterGlobals();
      });
      return stopping;
    },
  };
}

/** What sends is loaded only where something is sent. */
async function prepareSpans(settings: TelemetrySettings, logger: Logger) {
  const { loadSentSpans } = await import('./sent-spans.ts');
  return loadSentSpans(settings, logger);
}

async function prepareMetrics(settings: TelemetrySettings, logger: Logger) {
  const { loadSentMetrics } = await import('./sent-metrics.ts');
  return loadSentMetrics(settings, logger);
}
