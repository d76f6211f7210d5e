import type { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base';
import type { MeasuringOptions } from '@org/metrics';
import type { TelemetrySettings } from './settings.ts';

type ResourceMetrics = Parameters<NonNullable<MeasuringOptions['sending']>['exporter']['export']>[0];

/** Loads the exporter of metrics over OTLP, and gives a function that makes it out of `process.env`. */
export async function loadMetricExporter({
  protocol,
  metricsProtocol = protocol,
}: TelemetrySettings): Promise<() => OTLPExporterBase<ResourceMetrics>> {
  switch (metricsProtocol) {
    case 'http/protobuf': {
      const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-proto');
      return () => new OTLPMetricExporter();
    }
    case 'http/json': {
      const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-http');
      return () => new OTLPMetricExporter();
    }
    case 'grpc': {
      const { OTLPExporterBase } = await import('@opentelemetry/otlp-exporter-base');
      const { ProtobufMetricsSerializer, MetricsExporterMetricsHelper } =
        await import('@opentelemetry/otlp-transformer');
      const { createGrpcDelegate } = await import('./grpc-delegate.ts');
      const service = 'metrics.v1.MetricsService';
      const [serializer, helper] = [ProtobufMetricsSerializer, MetricsExporterMetricsHelper];
      return () => new OTLPExporterBase(createGrpcDelegate({ signal: 'METRICS', service, serializer, helper }));
    }
  }
}
