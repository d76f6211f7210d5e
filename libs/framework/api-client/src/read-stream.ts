import { ServiceError, toServiceError } from '@org/errors';
import { connectionFailed, type Peer } from './connection-failed.ts';
import type { Lifetime } from './lifetime.ts';

/**
 * The bytes of an answer as they arrive, as fast as they are read. The connection is closed when whoever reads stops,
 * when the server sends nothing for `idleMs`, or when nobody begins to read for as long.
 *
 * @throws {ServiceError} `deadline_exceeded`, STREAM_IDLE; `unavailable`, CONNECTION_FAILED; what the lifetime ended with.
 */
export function readStream(
  response: Response,
  lifetime: Lifetime,
  idleMs: number,
  peer: Peer,
): AsyncIterable<Uint8Array> {
  const idle = () =>
    setTimeout(() => {
      const message = `The stream of ${peer.service} for \`${peer.operation}\` had nothing for ${idleMs} ms`;
      lifetime.end(new ServiceError('deadline_exceeded', message, { reason: 'STREAM_IDLE' }));
    }, idleMs).unref();
  const unread = idle();
  lifetime.signal.addEventListener('abort', () => clearTimeout(unread), { once: true });

  async function* read(): AsyncGenerator<Uint8Array> {
    clearTimeout(unread);
    const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
    let timer: NodeJS.Timeout | undefined;
    try {
      for (;;) {
        timer = idle();
        const { done = true, value } = (await reader?.read()) ?? {};
        clearTimeout(timer);
        if (done) return;
        if (value) yield value;
      }
    } catch (thrown) {
      throw lifetime.signal.aborted ? toServiceError(lifetime.signal.reason) : connectionFailed(thrown, peer);
    } finally {
      clearTimeout(timer);
      lifetime.end(new ServiceError('cancelled', 'Nobody reads the stream any more'));
    }
  }
  return read();
}
