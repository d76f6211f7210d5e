import { boolean, defineSettings, text, variable, type Environment, type Settings } from '@org/config';
import { batches, forms, sending, tracing } from './variables.ts';

const references = false as const;

/**
 * The variables of OpenTelemetry that decide what is made and sent. How OTLP gets there (certificates, compression,
 * time-outs) is read where it is needed.
 *
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export const telemetrySettings = defineSettings(
  {
    disabled: variable('OTEL_SDK_DISABLED', boolean(), {
      description: 'Whether to measure and trace nothing at all.',
      default: 'false',
      references,
    }),
    ...sending,
    ...tracing,
    ...forms,
    ...batches,
    logLevel: variable(
      'OTEL_LOG_LEVEL',
      text({
        pattern: /^(?:none|error|warn|info|debug|verbose|all)$/i,
        expected: '`none`, `error`, `warn`, `info`, `debug`, `verbose` or `all`',
      }),
      {
        description: 'What the OpenTelemetry SDK says about itself in the log.',
        default: 'warn',
        references,
      },
    ),
  },
  {
    check(settings) {
      const { tracesExporter, propagators, metricsExporter, temporality, histograms } = settings;
      const faults = [
        ...aloneIn('OTEL_TRACES_EXPORTER', tracesExporter),
        ...aloneIn('OTEL_METRICS_EXPORTER', metricsExporter),
        ...aloneIn('OTEL_PROPAGATORS', propagators),
      ];
      if (!sendsMetrics(settings)) return faults;
      if (temporality !== 'cumulative') {
        faults.push(
          'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE must be `cumulative`; the collector makes deltas (`cumulativetodelta`)',
        );
      }
      if (histograms !== 'explicit_bucket_histogram') {
        faults.push(
          'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION must be `explicit_bucket_histogram`, as on the ops port',
        );
      }
      return faults;
    },
  },
);

export type TelemetrySettings = Settings<typeof telemetrySettings>;

/** Tells whether spans leave the process. */
export function sendsSpans({ endpoint, tracesEndpoint, tracesExporter }: TelemetrySettings): boolean {
  if (tracesExporter === undefined) return endpoint !== undefined || tracesEndpoint !== undefined;
  return !tracesExporter.includes('none');
}

/** Tells whether metrics leave the process, besides being read from the ops port. */
export function sendsMetrics({
  metricsEndpoint,
  metricsExporter,
}: Pick<TelemetrySettings, 'metricsEndpoint' | 'metricsExporter'>): boolean {
  if (metricsExporter === undefined) return metricsEndpoint !== undefined;
  return metricsExporter.includes('otlp');
}

/** The variables that the SDK must see as they were read here, wherever their values came from. */
export function sdkVariables(settings: TelemetrySettings): Environment {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: settings.endpoint,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: settings.tracesEndpoint,
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: settings.metricsEndpoint,
    OTEL_EXPORTER_OTLP_HEADERS: settings.headers?.reveal(),
  };
}

function aloneIn(name: string, words: readonly string[] = []): string[] {
  return words.length > 1 && words.includes('none') ? [`${name}: \`none\` must stand alone`] : [];
}
