import { metrics } from '@opentelemetry/api';
import type { Environment } from '@org/config';
import { createContextManager } from '@org/context';
import type { Logger } from '@org/logging';
import type { Metrics } from '@org/metrics';
import { logDiagnostics } from './diagnostics.ts';
import { unregisterGlobals } from './globals.ts';
import { forgetSpans, localSampler } from './local-tracing.ts';
import { ignoredVariables } from './ignored-variables.ts';
import { createResource } from './resource.ts';
import { sdkVariables, sendsSpans, type TelemetrySettings } from './settings.ts';
import { withEnvironment } from './with-environment.ts';

const stopTimeoutMs = 3_000;

/** The running OpenTelemetry SDK. Disposing it sends what is left, within 3 s, and never rejects. */
export interface Telemetry extends AsyncDisposable {
  /** What becomes of spans: sent somewhere, made only for their ids, or not made at all. */
  readonly spans: 'sent' | 'local' | 'off';
}

export interface TelemetryOptions {
  readonly service: { readonly name: string; readonly version: string };
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Where the SDK finds its `OTEL_*` variables. */
  readonly environment: Environment;
}

/**
 * Starts the OpenTelemetry SDK for the process: metrics go to the reader of `metrics`, spans to the exporter that the
 * variables name, or nowhere. What an earlier call started is replaced: there is one SDK in a process.
 */
export async function openTelemetry(settings: TelemetrySettings, options: TelemetryOptions): Promise<Telemetry> {
  if (settings.disabled) {
    unregisterGlobals();
    return { spans: 'off', async [Symbol.asyncDispose]() {} };
  }

  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const resources = await import('@opentelemetry/resources');
  const logger = options.logger.named('opentelemetry');
  const sends = sendsSpans(settings);
  const sdk = withEnvironment({ ...options.environment, ...sdkVariables(settings) }, () => {
    unregisterGlobals();
    const started = new NodeSDK({
      resource: createResource(resources, options.service),
      autoDetectResources: false,
      contextManager: createContextManager(),
      metricReaders: [options.metrics.reader],
      logRecordProcessors: [],
      ...(!sends && { sampler: localSampler, spanProcessors: [forgetSpans] }),
    });
    logDiagnostics(logger, settings.logLevel);
    started.start();
    return started;
  });
  const provider = metrics.getMeterProvider();
  const ignored = ignoredVariables(options.environment);
  if (ignored.length > 0) {
    logger.warn(`${ignored.join(', ')} has no effect: metrics are read from /metrics, logs from standard output`);
  }

  let stopping: Promise<void> | undefined;
  return {
    spans: sends ? 'sent' : 'local',
    [Symbol.asyncDispose]() {
      stopping ??= stop(sdk, logger).finally(() => {
        // A service that started later in this process has its own by now.
        if (metrics.getMeterProvider() === provider) unregisterGlobals();
      });
      return stopping;
    },
  };
}

async function stop(sdk: { shutdown(): Promise<void> }, logger: Logger): Promise<void> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`it was given ${stopTimeoutMs} ms, and they are over`)),
    stopTimeoutMs,
  );
  try {
    await Promise.race([sdk.shutdown(), timeout]);
  } catch (error) {
    logger.warn(
      { err: error },
      'the last spans could not be sent; look at OTEL_EXPORTER_OTLP_ENDPOINT and its collector',
    );
  } finally {
    clearTimeout(timer);
  }
}
