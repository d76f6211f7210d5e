import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { Server, ServerCredentials, status, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { createOtlpDecoder, type ReceivedMetric, type ReceivedSpan } from './otlp-messages.ts';

/** A request that came in. */
export interface OtlpRequest {
  readonly signal: 'traces' | 'metrics';
  readonly protocol: 'http/protobuf' | 'http/json' | 'grpc';
  readonly headers: Readonly<Record<string, unknown>>;
}

/** What a receiver does with a request: takes it, never answers, or refuses with an HTTP status (over gRPC: unavailable). */
export type OtlpAnswer = 'accept' | 'hang' | { readonly status: number; readonly headers?: Record<string, string> };

/** A collector that keeps what it gets. Disposing it breaks what is open. */
export interface OtlpReceiver extends AsyncDisposable {
  /** Where OTLP over HTTP is spoken. */
  readonly url: string;
  /** Where OTLP over gRPC is spoken. */
  readonly grpcUrl: string;
  readonly requests: readonly OtlpRequest[];
  readonly spans: readonly ReceivedSpan[];
  /** Each metric as it came last. */
  metric(name: string): ReceivedMetric | undefined;
  readonly metrics: readonly ReceivedMetric[];
  /** Changes what becomes of requests from now on. */
  answer(answer: OtlpAnswer): void;
}

export interface OtlpReceiverOptions {
  /** A certificate and its key: OTLP over HTTP is then spoken over TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** The address to listen on; `0.0.0.0` for containers to reach it. Default: this machine's own, `127.0.0.1`. */
  readonly host?: string;
}

const maximumRequests = 10_000;

/**
 * Opens a receiver of OTLP on free ports of this machine: protobuf and JSON over HTTP, and gRPC by its reference
 * implementation.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/
 */
export async function openOtlpReceiver({ tls, host = '127.0.0.1' }: OtlpReceiverOptions = {}): Promise<OtlpReceiver> {
  const decoder = createOtlpDecoder();
  const requests: OtlpRequest[] = [];
  const spans: ReceivedSpan[] = [];
  const metrics = new Map<string, ReceivedMetric>();
  let answer: OtlpAnswer = 'accept';

  const take = (request: OtlpRequest, body: Buffer): OtlpAnswer => {
    if (requests.length >= maximumRequests) throw new Error(`more than ${maximumRequests} requests came in`);
    requests.push(request);
    if (answer !== 'accept') return answer;
    const encoding = request.protocol === 'http/json' ? 'json' : 'protobuf';
    if (request.signal === 'traces') spans.push(...decoder.spans(body, encoding));
    else for (const metric of decoder.metrics(body, encoding)) metrics.set(metric.name, metric);
    return answer;
  };

  const onHttp = async (request: IncomingMessage, response: ServerResponse) => {
    const signal = /^\/v1\/(traces|metrics)$/.exec(request.url ?? '')?.[1] as OtlpRequest['signal'] | undefined;
    const type = request.headers['content-type'];
    const protocol = type === 'application/json' ? 'http/json' : 'http/protobuf';
    const sent = await buffer(request);
    if (!signal || request.method !== 'POST' || !/^application\/(json|x-protobuf)$/.test(type ?? '')) {
      response.writeHead(404).end();
      return;
    }
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    const given = take({ signal, protocol, headers: request.headers }, body);
    if (given === 'hang') return;
    if (given === 'accept') {
      response.writeHead(200, { 'content-type': type }).end(protocol === 'http/json' ? '{}' : '');
    } else {
      response.writeHead(given.status, given.headers).end();
    }
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    onHttp(request, response).catch((error: unknown) => response.writeHead(400).end(String(error)));
  };
  const http = tls ? createTlsServer(tls, listener) : createServer(listener);
  http.listen(0, host);
  await once(http, 'listening');

  const grpc = new Server();
  const onGrpc =
    (signal: OtlpRequest['signal']) =>
    ({ request, metadata }: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
      const given = take({ signal, protocol: 'grpc', headers: metadata.getMap() }, request);
      if (given === 'accept') done(null, Buffer.alloc(0));
      else if (given !== 'hang') done({ code: status.UNAVAILABLE, details: `HTTP ${given.status}` });
    };
  grpc.addService(service('trace.v1.TraceService'), { export: onGrpc('traces') });
  grpc.addService(service('metrics.v1.MetricsService'), { export: onGrpc('metrics') });
  const grpcPort = await new Promise<number>((resolve, reject) => {
    grpc.bindAsync(`${host}:0`, ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });

  return {
    url: `${tls ? 'https' : 'http'}://localhost:${(http.address() as AddressInfo).port}`,
    grpcUrl: `http://127.0.0.1:${grpcPort}`,
    requests,
    spans,
    metric: (name) => metrics.get(name),
    get metrics() {
      return [...metrics.values()];
    },
    answer(given) {
      answer = given;
    },
    async [Symbol.asyncDispose]() {
      grpc.forceShutdown();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** A service whose one method takes and gives bytes. */
function service(name: string) {
  const bytes = (message: Buffer) => message;
  return {
    export: {
      path: `/opentelemetry.proto.collector.${name}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: bytes,
      requestDeserialize: bytes,
      responseSerialize: bytes,
      responseDeserialize: bytes,
    },
  };
}
