import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { TelemetrySettings } from './settings.ts';
import type { Protocol } from './variables.ts';

/** Loads the exporters of spans that the settings name, and gives a function that makes them out of `process.env`. */
export async function loadSpanExporters(settings: TelemetrySettings): Promise<() => readonly SpanExporter[]> {
  const { tracesExporter = ['otlp'], tracesProtocol = settings.protocol } = settings;
  const makers = await Promise.all(
    [...new Set(tracesExporter)].map(async (name): Promise<() => SpanExporter> => {
      if (name === 'otlp') return loadOtlp(tracesProtocol);
      const { ConsoleSpanExporter } = await import('@opentelemetry/sdk-trace');
      return () => new ConsoleSpanExporter();
    }),
  );
  return () => makers.map((make) => make());
}

async function loadOtlp(protocol: Protocol): Promise<() => SpanExporter> {
  switch (protocol) {
    case 'http/protobuf': {
      const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
      return () => new OTLPTraceExporter();
    }
    case 'http/json': {
      const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
      return () => new OTLPTraceExporter();
    }
    case 'grpc': {
      const { OTLPExporterBase } = await import('@opentelemetry/otlp-exporter-base');
      const { ProtobufTraceSerializer, TraceExporterMetricsHelper } = await import('@opentelemetry/otlp-transformer');
      const { createGrpcDelegate } = await import('./grpc-delegate.ts');
      const service = 'trace.v1.TraceService';
      const [serializer, helper] = [ProtobufTraceSerializer, TraceExporterMetricsHelper];
      return () => new OTLPExporterBase(createGrpcDelegate({ signal: 'TRACES', service, serializer, helper }));
    }
  }
}
