import type { IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2';
import type { ExportResponse } from '@opentelemetry/otlp-exporter-base';

/** What becomes of one gRPC call, gathered from its stream. */
export interface CallResult {
  readonly headers: (headers: IncomingHttpHeaders & IncomingHttpStatusHeader) => void;
  /** `false` when the answer is longer than it may be. */
  readonly data: (chunk: Buffer) => boolean;
  readonly fail: (error: Error) => void;
  end(): ExportResponse;
}

/**
 * The statuses after which sending again may help: cancelled, deadline exceeded, aborted, out of range, unavailable, data
 * loss.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#failures
 */
const retryable = new Set(['1', '4', '10', '11', '14', '15']);
const prefixBytes = 5;

export function createCallResult(maximumBytes: number): CallResult {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let httpStatus: number | undefined;
  let grpcStatus: string | undefined;
  let message = '';
  let failure: Error | undefined;
  return {
    headers(headers) {
      httpStatus ??= headers[':status'];
      // Without a body the status stands in the only headers, else in the trailers.
      grpcStatus ??= String(headers['grpc-status'] ?? '') || undefined;
      message ||= decode(String(headers['grpc-message'] ?? ''));
    },
    data(chunk) {
      bytes += chunk.length;
      if (bytes <= maximumBytes) chunks.push(chunk);
      else failure ??= new Error(`the answer is longer than ${maximumBytes} bytes`);
      return bytes <= maximumBytes;
    },
    fail(error) {
      failure ??= error;
    },
    end() {
      if (failure) return { status: 'retryable', error: failure };
      if (grpcStatus === '0') {
        const answer = Buffer.concat(chunks).subarray(prefixBytes);
        return answer.length > 0 ? { status: 'success', data: answer } : { status: 'success' };
      }
      if (grpcStatus === undefined)
        return { status: 'retryable', error: new Error(`HTTP status ${httpStatus ?? 'none'}, no gRPC status`) };
      const error = new Error(`gRPC status ${grpcStatus}${message && `: ${message}`}`);
      return retryable.has(grpcStatus) ? { status: 'retryable', error } : { status: 'failure', error };
    },
  };
}

/** Messages are percent-encoded. */
function decode(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}
