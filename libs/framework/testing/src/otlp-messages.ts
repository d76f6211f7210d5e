import protobuf from 'protobufjs';
import type { WireAttributes, WireId, WireMetric, WireMetrics, WirePoint, WireTraces, WireValue } from './otlp-wire.ts';

// The messages of OTLP, by the numbers of their fields, as opentelemetry-proto has them; what is left out is skipped.
// https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto
const messages = `
  syntax = "proto3";
  message Traces { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; Status status = 15;
  }
  message Status { string message = 2; int32 code = 3; }
  message Metrics { repeated ResourceMetrics resource_metrics = 1; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
  message Metric { string name = 1; string description = 2; string unit = 3; Data gauge = 5; Data sum = 7; Histogram histogram = 9; }
  message Data { repeated Point data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
  message Point { repeated KeyValue attributes = 7; oneof value { double as_double = 4; sfixed64 as_int = 6; } }
  message Histogram { repeated HistogramPoint data_points = 1; int32 aggregation_temporality = 2; }
  message HistogramPoint {
    fixed64 count = 4; double sum = 5; repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7;
    repeated KeyValue attributes = 9;
  }
  message Scope { string name = 1; string version = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue {
    oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; Array array_value = 5; }
  }
  message Array { repeated AnyValue values = 1; }`;

export type Attributes = Readonly<Record<string, unknown>>;

/** A span as it came over the wire. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty where there is none. */
  readonly parentSpanId: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly durationMs: number;
  readonly attributes: Attributes;
  /** 0 unset, 1 ok, 2 error. */
  readonly status: number;
  readonly scope: string;
  readonly resource: Attributes;
}

/** A metric as it came over the wire. */
export interface ReceivedMetric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly type: 'gauge' | 'sum' | 'histogram';
  readonly monotonic: boolean;
  /** 2 cumulative. */
  readonly temporality: number;
  readonly points: readonly {
    readonly attributes: Attributes;
    readonly value?: number;
    readonly count?: number;
    readonly sum?: number;
    readonly buckets?: readonly number[];
    readonly bounds?: readonly number[];
  }[];
  readonly scope: string;
  readonly resource: Attributes;
}

/** Reads OTLP in both of its encodings. */
export function createOtlpDecoder() {
  const { root } = protobuf.parse(messages);
  const decode = (name: string, body: Buffer, encoding: 'protobuf' | 'json'): unknown => {
    if (encoding === 'json') return JSON.parse(body.toString());
    const type = root.lookupType(name);
    return type.toObject(type.decode(body), { longs: String });
  };
  return {
    spans: (body: Buffer, encoding: 'protobuf' | 'json') => spansOf(decode('Traces', body, encoding) as WireTraces),
    metrics: (body: Buffer, encoding: 'protobuf' | 'json') =>
      metricsOf(decode('Metrics', body, encoding) as WireMetrics),
  };
}

function spansOf({ resourceSpans = [] }: WireTraces): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ scope, spans = [] }) =>
      spans.map((span) => ({
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentSpanId: hex(span.parentSpanId),
        name: span.name,
        kind: span.kind,
        durationMs: Number(BigInt(span.endTimeUnixNano ?? 0) - BigInt(span.startTimeUnixNano ?? 0)) / 1e6,
        attributes: attributesOf(span),
        status: span.status?.code ?? 0,
        scope: scope?.name ?? '',
        resource: attributesOf(resource),
      })),
    ),
  );
}

function metricsOf({ resourceMetrics = [] }: WireMetrics): ReceivedMetric[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics = [] }) =>
    scopeMetrics.flatMap(({ scope, metrics = [] }) =>
      metrics.map((metric) => ({
        name: metric.name,
        description: metric.description ?? '',
        unit: metric.unit ?? '',
        ...dataOf(metric),
        scope: scope?.name ?? '',
        resource: attributesOf(resource),
      })),
    ),
  );
}

function dataOf(metric: WireMetric): Pick<ReceivedMetric, 'type' | 'monotonic' | 'temporality' | 'points'> {
  const type = (['gauge', 'sum', 'histogram'] as const).find((each) => metric[each]) ?? 'gauge';
  const { dataPoints = [], isMonotonic = false, aggregationTemporality = 0 } = metric[type] ?? {};
  const points = dataPoints.map((point) => ({
    attributes: attributesOf(point),
    ...(type === 'histogram' ? histogramOf(point) : { value: Number(point.asDouble ?? point.asInt ?? 0) }),
  }));
  return { type, monotonic: isMonotonic, temporality: aggregationTemporality, points };
}

function histogramOf({ count = 0, sum = 0, bucketCounts = [], explicitBounds = [] }: WirePoint) {
  return { count: Number(count), sum, buckets: bucketCounts.map(Number), bounds: explicitBounds };
}

function attributesOf({ attributes = [] }: WireAttributes = {}): Attributes {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]));
}

function valueOf(value: WireValue = {}): unknown {
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(valueOf);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue;
}

function hex(id: WireId | undefined): string {
  return Buffer.isBuffer(id) ? id.toString('hex') : (id ?? '');
}
