// What OTLP messages hold once they are decoded: the names are those of its JSON encoding, and anything may be missing.
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding

export interface WireValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly WireValue[] };
}

/** Whatever has attributes. */
export interface WireAttributes {
  readonly attributes?: readonly { readonly key: string; readonly value?: WireValue }[];
}

export interface WireScope {
  readonly name?: string;
}

/** In protobuf ids are bytes, in JSON hexadecimal digits. */
export type WireId = string | Buffer;

export interface WireSpan extends WireAttributes {
  readonly traceId: WireId;
  readonly spanId: WireId;
  readonly parentSpanId?: WireId;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly status?: { readonly code?: number };
}

export interface WireTraces {
  readonly resourceSpans?: readonly {
    readonly resource?: WireAttributes;
    readonly scopeSpans?: readonly { readonly scope?: WireScope; readonly spans?: readonly WireSpan[] }[];
  }[];
}

export interface WirePoint extends WireAttributes {
  readonly asDouble?: number;
  readonly asInt?: string | number;
  readonly count?: string | number;
  readonly sum?: number;
  readonly bucketCounts?: readonly (string | number)[];
  readonly explicitBounds?: readonly number[];
}

export interface WireData {
  readonly dataPoints?: readonly WirePoint[];
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
}

export interface WireMetric {
  readonly name: string;
  readonly description?: string;
  readonly unit?: string;
  readonly gauge?: WireData;
  readonly sum?: WireData;
  readonly histogram?: WireData;
}

export interface WireMetrics {
  readonly resourceMetrics?: readonly {
    readonly resource?: WireAttributes;
    readonly scopeMetrics?: readonly { readonly scope?: WireScope; readonly metrics?: readonly WireMetric[] }[];
  }[];
}
