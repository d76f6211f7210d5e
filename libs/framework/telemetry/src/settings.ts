import { boolean, defineSettings, text, url, variable, type Environment, type Settings } from '@org/config';

const exporters = '(?:otlp|zipkin|console|none)';

/**
 * The variables of OpenTelemetry that decide whether anything is sent. The SDK reads all others itself.
 *
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export const telemetrySettings = defineSettings({
  disabled: variable('OTEL_SDK_DISABLED', boolean(), {
    description: 'Whether to measure and trace nothing at all.',
    default: 'false',
    references: false,
  }),
  endpoint: variable('OTEL_EXPORTER_OTLP_ENDPOINT', url(), {
    description: 'The collector that spans are sent to, over OTLP. Not set: nothing is sent.',
    optional: true,
    references: false,
    example: 'http://collector:4318',
  }),
  tracesEndpoint: variable('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', url(), {
    description: 'The whole URL that spans are sent to, in place of `v1/traces` below the collector.',
    optional: true,
    references: false,
    example: 'http://collector:4318/v1/traces',
  }),
  tracesExporter: variable(
    'OTEL_TRACES_EXPORTER',
    text({
      pattern: new RegExp(`^${exporters}(?: *, *${exporters})*$`, 'i'),
      expected: '`otlp`, `zipkin`, `console` or `none`, or several with commas',
    }),
    {
      description: 'How spans are sent. Not set: over OTLP when there is an endpoint, else not at all.',
      optional: true,
      references: false,
      example: 'otlp',
    },
  ),
  logLevel: variable(
    'OTEL_LOG_LEVEL',
    text({
      pattern: /^(?:none|error|warn|info|debug|verbose|all)$/i,
      expected: '`none`, `error`, `warn`, `info`, `debug`, `verbose` or `all`',
    }),
    {
      description: 'What the OpenTelemetry SDK says about itself in the log.',
      default: 'warn',
      references: false,
    },
  ),
});

export type TelemetrySettings = Settings<typeof telemetrySettings>;

/** Tells whether spans leave the process. */
export function sendsSpans({ endpoint, tracesEndpoint, tracesExporter }: TelemetrySettings): boolean {
  if (tracesExporter === undefined) return endpoint !== undefined || tracesEndpoint !== undefined;
  return tracesExporter.toLowerCase() !== 'none';
}

/**
 * The variables that the SDK must see as they were read here, wherever their values came from. `OTEL_LOG_LEVEL` is not
 * among them, since the SDK would set a logger of its own for it.
 */
export function sdkVariables(settings: TelemetrySettings): Environment {
  return {
    OTEL_SDK_DISABLED: 'false',
    OTEL_LOG_LEVEL: undefined,
    OTEL_EXPORTER_OTLP_ENDPOINT: settings.endpoint,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: settings.tracesEndpoint,
    OTEL_TRACES_EXPORTER: settings.tracesExporter?.toLowerCase(),
  };
}
