import { connect, constants, type ClientHttp2Session, type SecureClientSessionOptions } from 'node:http2';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ExportResponse, IExporterTransport } from '@opentelemetry/otlp-exporter-base';
import { createCallResult } from './grpc-result.ts';

export interface GrpcTransportOptions {
  /** `http://collector:4317`, or `https:` with TLS. */
  readonly url: string;
  /** `/opentelemetry.proto.collector.trace.v1.TraceService/Export`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: Pick<SecureClientSessionOptions, 'ca' | 'cert' | 'key'>;
  readonly compression: 'none' | 'gzip';
}

const maximumAnswerBytes = 64 * 1024;

/**
 * Sends unary gRPC calls over HTTP/2, for OTLP. The SDK's own transport loads its client by a path that is only known at
 * run time, so that no bundle can hold it.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export function createGrpcTransport({
  url,
  path,
  headers,
  tls,
  compression,
}: GrpcTransportOptions): IExporterTransport {
  let session: ClientHttp2Session | undefined;
  const sessionInUse = (): ClientHttp2Session => {
    if (session && !session.closed && !session.destroyed) return session;
    const opened = connect(url, tls);
    // What goes wrong shows in the calls; nobody waits for a session alone.
    opened.on('error', () => {}).unref();
    session = opened;
    return opened;
  };

  return {
    async send(data, timeoutMillis) {
      const body = await frame(data, compression);
      return new Promise<ExportResponse>((resolve) => {
        const used = sessionInUse();
        const call = used.request({
          ...headers,
          [constants.HTTP2_HEADER_METHOD]: 'POST',
          [constants.HTTP2_HEADER_PATH]: path,
          [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc+proto',
          te: 'trailers',
          'grpc-timeout': `${Math.ceil(timeoutMillis)}m`,
          ...(compression === 'gzip' && { 'grpc-encoding': 'gzip' }),
        });
        const result = createCallResult(maximumAnswerBytes);
        const timer = setTimeout(() => {
          result.fail(new Error(`no answer after ${timeoutMillis} ms`));
          // A peer that went away without a word would keep the session for ever.
          used.destroy();
        }, timeoutMillis);
        call
          .on('response', result.headers)
          .on('trailers', result.headers)
          .on('data', (chunk: Buffer) => result.data(chunk) || call.close(constants.NGHTTP2_CANCEL))
          .on('error', result.fail)
          .on('close', () => {
            clearTimeout(timer);
            resolve(result.end());
          })
          .end(body);
      });
    },
    shutdown: () => session?.destroy(),
  };
}

/** A message with its prefix: whether it is compressed, and its length in four bytes. */
async function frame(data: Uint8Array, compression: 'none' | 'gzip'): Promise<Buffer> {
  const message = compression === 'gzip' ? await promisify(gzip)(data) : data;
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(compression === 'gzip' ? 1 : 0, 0);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}
