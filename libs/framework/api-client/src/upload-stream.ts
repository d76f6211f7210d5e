import { ServiceError } from '@org/errors';

/** The bytes of a stream, as `fetch` takes them. What its source fails with is no fault of the service. */
export function uploadStream(content: AsyncIterable<Uint8Array | string>): ReadableStream<Uint8Array> {
  return ReadableStream.from(bytesOf(content));
}

async function* bytesOf(content: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  try {
    for await (const chunk of content) yield typeof chunk === 'string' ? encoder.encode(chunk) : chunk;
  } catch (cause) {
    if (cause instanceof ServiceError) throw cause;
    throw new ServiceError('internal', 'Cannot read what is to be uploaded', { reason: 'UPLOAD_UNREADABLE', cause });
  }
}
