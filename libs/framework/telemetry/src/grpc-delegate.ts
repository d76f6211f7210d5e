import { readFileSync } from 'node:fs';
import { diag } from '@opentelemetry/api';
import { parseKeyPairsIntoRecord } from '@opentelemetry/core';
import {
  ExporterMetrics,
  createOtlpNetworkExportDelegate,
  getSharedConfigurationDefaults,
  type IOtlpExportDelegate,
} from '@opentelemetry/otlp-exporter-base';
import type { IExporterMetricsHelper, ISerializer } from '@opentelemetry/otlp-transformer';
import { createGrpcTransport, type GrpcTransportOptions } from './grpc-transport.ts';
import { retrying } from './retry.ts';

export interface GrpcDelegateOptions<Sent, Answer> {
  readonly signal: 'TRACES' | 'METRICS';
  /** Such as `trace.v1.TraceService`. */
  readonly service: string;
  readonly serializer: ISerializer<Sent, Answer>;
  readonly helper: IExporterMetricsHelper<Sent>;
}

/** What an exporter of the SDK delegates to when it speaks gRPC, with the options that stand in `process.env`. */
export function createGrpcDelegate<Sent, Answer>(
  options: GrpcDelegateOptions<Sent, Answer>,
): IOtlpExportDelegate<Sent> {
  const { signal, service, serializer, helper } = options;
  const read = readVariable(signal);
  const path = `/opentelemetry.proto.collector.${service}/Export`;
  const timeoutMillis = Number(read('TIMEOUT')) || getSharedConfigurationDefaults().timeoutMillis;
  const metrics = new ExporterMetrics({
    componentType: 'otlp_grpc_exporter',
    metricsHelper: helper,
    url: undefined,
    meterProvider: undefined,
    responseAttributesFromError: () => ({}),
  });
  return createOtlpNetworkExportDelegate(
    { ...getSharedConfigurationDefaults(), timeoutMillis },
    serializer,
    metrics,
    retrying(createGrpcTransport({ ...transportOptions(read), path })),
  );
}

type Read = (name: string) => string | undefined;

/** Reads a variable for one signal, or else for all. */
function readVariable(signal: string): Read {
  const value = (name: string) => process.env[`OTEL_EXPORTER_OTLP_${name}`]?.trim() || undefined;
  return (name) => value(`${signal}_${name}`) ?? value(name);
}

function transportOptions(read: Read): Omit<GrpcTransportOptions, 'path'> {
  const file = (name: string) => {
    const path = read(name);
    try {
      return path === undefined ? undefined : readFileSync(path);
    } catch (error) {
      // As the SDK does over HTTP: the collector will be the one to refuse.
      diag.warn(`Cannot read the file of OTEL_EXPORTER_OTLP_${name}`, error);
      return undefined;
    }
  };
  const [ca, cert, key] = ['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY'].map(file);
  return {
    url: read('ENDPOINT') ?? 'http://localhost:4317',
    headers: parseKeyPairsIntoRecord(read('HEADERS')),
    tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
    compression: read('COMPRESSION') === 'gzip' ? 'gzip' : 'none',
  };
}
