import { ServiceError } from '@org/errors';
import type { RestExchange } from './exchange.ts';
import type { Sink } from './sink.ts';

/** What keeps a stream without an end going, and ends it. */
export interface KeptAlive extends Disposable {
  /** Whether the stream is over because the service stops. */
  readonly stopped: () => boolean;
}

/** How long, in milliseconds, a stream waits for its first chunk before its head goes out without one. */
const headAfterMs = 1_000;
const heartbeatMs = 15_000;

/**
 * Shows the client of a stream without an end that it is there, so that nobody on the way takes it for dead, and aborts
 * the exchange when the service begins to stop.
 */
export function keepAlive(exchange: RestExchange, heartbeat: string, open: () => Sink): KeptAlive {
  const { response, serving } = exchange;
  const { stopping } = serving;
  const reason = new ServiceError('unavailable', 'The stream ends because the service stops', {
    reason: 'STREAM_STOPPED',
  });
  const stop = () => exchange.abort(reason);
  const head = setTimeout(() => {
    open();
    response.flushHeaders();
  }, headAfterMs).unref();
  const beat = setInterval(() => {
    const sink = open();
    // A client that takes nothing needs no more of it.
    if (sink.isFull()) return;
    sink.write(heartbeat);
    sink.flush();
  }, heartbeatMs).unref();
  if (stopping.aborted) stop();
  else stopping.addEventListener('abort', stop, { once: true });
  return {
    stopped: () => exchange.signal.reason === reason,
    [Symbol.dispose]() {
      clearTimeout(head);
      clearInterval(beat);
      stopping.removeEventListener('abort', stop);
    },
  };
}
