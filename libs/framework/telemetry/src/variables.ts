import { integer, list, secret, text, url, variable } from '@org/config';
import { word } from './word.ts';

/** None of these may be a reference to a secret store: they are needed before one is open. */
const references = false as const;
const protocols = ['http/protobuf', 'http/json', 'grpc'] as const;

/** How OTLP is spoken. */
export type Protocol = (typeof protocols)[number];

/** What makes spans and metrics leave the process. */
export const sending = {
  endpoint: variable('OTEL_EXPORTER_OTLP_ENDPOINT', url(), {
    description: 'The collector that spans are sent to, over OTLP. Not set: nothing is sent.',
    optional: true,
    references,
    example: 'http://collector:4318',
  }),
  tracesEndpoint: variable('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', url(), {
    description: 'The whole URL that spans are sent to, in place of `v1/traces` below the collector.',
    optional: true,
    references,
    example: 'http://collector:4318/v1/traces',
  }),
  metricsEndpoint: variable('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', url(), {
    description: 'The whole URL that metrics are sent to, in place of `v1/metrics` below the collector.',
    optional: true,
    references,
    example: 'http://collector:4318/v1/metrics',
  }),
  headers: variable(
    'OTEL_EXPORTER_OTLP_HEADERS',
    secret(
      text({
        pattern: /^[^=,\s]+=[^=,]*(?:,\s*[^=,\s]+=[^=,]*)*$/,
        expected: 'pairs such as `api-key=abc,tenant=a%20b`',
      }),
    ),
    {
      description: 'Headers for the collector, such as its key, percent-encoded.',
      optional: true,
      references,
    },
  ),
  protocol: variable('OTEL_EXPORTER_OTLP_PROTOCOL', word(protocols), {
    description: 'How OTLP is spoken; gRPC has a port of its own, mostly 4317.',
    default: 'http/protobuf',
    references,
  }),
  tracesProtocol: variable('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', word(protocols), {
    description: 'The same for spans alone.',
    optional: true,
    references,
    example: 'grpc',
  }),
  metricsProtocol: variable('OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', word(protocols), {
    description: 'The same for metrics alone.',
    optional: true,
    references,
    example: 'grpc',
  }),
  tracesExporter: variable('OTEL_TRACES_EXPORTER', list(word(['otlp', 'console', 'none'])), {
    description: 'How spans are sent. Not set: over OTLP when there is an endpoint, else not at all.',
    optional: true,
    references,
    example: 'otlp',
  }),
  metricsExporter: variable('OTEL_METRICS_EXPORTER', list(word(['otlp', 'prometheus', 'none'])), {
    description:
      'With `otlp` metrics are sent as well. They are always on the ops port, which is all that the others say.',
    optional: true,
    references,
    example: 'otlp',
  }),
};

/** Which traces are recorded, and by which headers they travel. */
export const tracing = {
  sampler: variable(
    'OTEL_TRACES_SAMPLER',
    word([
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ]),
    {
      description: 'Which traces are recorded, where spans are sent.',
      default: 'parentbased_always_on',
      references,
    },
  ),
  samplerRatio: variable(
    'OTEL_TRACES_SAMPLER_ARG',
    text({ pattern: /^(?:0?\.\d+|0|1(?:\.0+)?)$/, expected: 'a number from 0 to 1, such as `0.1`' }),
    {
      description: 'The part of the traces that the samplers with a ratio record.',
      default: '1',
      references,
    },
  ),
  propagators: variable('OTEL_PROPAGATORS', list(word(['tracecontext', 'baggage', 'b3', 'b3multi', 'none'])), {
    description: 'The headers by which traces come in and go out.',
    default: 'tracecontext,baggage',
    references,
  }),
};

/** What metrics look like where they are sent. OpenTelemetry knows other forms, which a collector makes of these. */
export const forms = {
  temporality: variable(
    'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
    word(['cumulative', 'delta', 'lowmemory']),
    {
      description: 'Metrics are sent as totals, so it must be `cumulative` where they are sent.',
      default: 'cumulative',
      references,
    },
  ),
  histograms: variable(
    'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION',
    word(['explicit_bucket_histogram', 'base2_exponential_bucket_histogram']),
    {
      description: 'Histograms are sent in buckets, so it must be `explicit_bucket_histogram` where metrics are sent.',
      default: 'explicit_bucket_histogram',
      references,
    },
  ),
};

const count = integer({ min: 1, max: 1_000_000 });
const milliseconds = integer({ min: 1, max: 3_600_000 });

/** How much waits to be sent, and how long. */
export const batches = {
  queueSize: variable('OTEL_BSP_MAX_QUEUE_SIZE', count, {
    description: 'How many spans wait to be sent; what ends beyond that is dropped, and counted.',
    default: '2048',
    references,
  }),
  batchSize: variable('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', count, {
    description: 'How many spans are sent at once, never more than wait; as many make it happen early.',
    default: '512',
    references,
  }),
  batchDelayMs: variable('OTEL_BSP_SCHEDULE_DELAY', milliseconds, {
    description: 'How long a span waits for others, in milliseconds.',
    default: '5000',
    references,
  }),
  batchTimeoutMs: variable('OTEL_BSP_EXPORT_TIMEOUT', milliseconds, {
    description: 'How long the sending of a batch may take, in milliseconds.',
    default: '30000',
    references,
  }),
  metricIntervalMs: variable('OTEL_METRIC_EXPORT_INTERVAL', milliseconds, {
    description: 'How often metrics are sent, in milliseconds.',
    default: '60000',
    references,
  }),
  metricTimeoutMs: variable('OTEL_METRIC_EXPORT_TIMEOUT', milliseconds, {
    description: 'How long the sending of metrics may take, in milliseconds; never longer than the interval.',
    default: '30000',
    references,
  }),
};
