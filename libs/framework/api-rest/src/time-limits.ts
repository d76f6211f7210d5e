import { deadlineExceeded } from '@org/context';
import type { ServiceError } from '@org/errors';
import type { RestExchange } from './exchange.ts';
import { lingerAfter } from './linger.ts';
import { refuse } from './refusal.ts';

export interface TimeLimitsOptions {
  readonly exchanges: ReadonlySet<RestExchange>;
  /** How long the work on a request may take, in milliseconds. */
  readonly timeoutMs: number;
  /** How long a body may take, an upload pause, and a client read nothing, in milliseconds. */
  readonly transferTimeoutMs: number;
  /** Answers an exchange whose time is over. */
  readonly fail: (exchange: RestExchange, error: ServiceError) => void;
  /** Forgets an exchange whose answer is out, but whose work does not end. */
  readonly abandon: (exchange: RestExchange) => void;
}

/** What was last seen of an exchange that goes on for longer than others. */
interface Progress {
  phase: 'arriving' | 'working' | 'leaving';
  /** What changes as long as something moves. */
  mark: number;
  at: number;
}

/**
 * Looks at what is going on from time to time, and ends what takes too long: a timer for each request would cost more
 * than most requests take. A limit is kept to a tenth of the smallest one, and to a second at most.
 */
export function watchTimeLimits(options: TimeLimitsOptions): Disposable {
  const { exchanges, timeoutMs, transferTimeoutMs } = options;
  const seen = new WeakMap<RestExchange, Progress>();
  /** Those whose sockets have a timer. */
  const timed = new WeakSet<RestExchange>();
  const periodMs = Math.min(1_000, Math.max(5, Math.min(timeoutMs, transferTimeoutMs) / 10));

  function look(): void {
    const now = performance.now();
    for (const exchange of exchanges) if (now - exchange.startedAt > periodMs) inspect(exchange, now);
  }

  function inspect(exchange: RestExchange, now: number): void {
    if (exchange.closed) {
      if (now - exchange.startedAt > 2 * timeoutMs + transferTimeoutMs) options.abandon(exchange);
    } else if (exchange.response.headersSent) {
      inspectLeaving(exchange, now);
    } else if (!exchange.request.complete) {
      if (now - arrivingSince(exchange, now) > transferTimeoutMs) cutOff(exchange);
    } else {
      const since = exchange.deadline === undefined ? sinceMarked(exchange, 'working', 0, now) : exchange.startedAt;
      if (now - since <= timeoutMs) return;
      const error = deadlineExceeded(timeoutMs);
      exchange.abort(error);
      options.fail(exchange, error);
    }
  }

  function inspectLeaving(exchange: RestExchange, now: number): void {
    const { request, response, sent, settled } = exchange;
    const { socket } = request;
    const isFull = response.writableLength > 0;
    if (isFull !== timed.has(exchange)) {
      // Node's own timer sees how much the system has yet to send, which no stream does.
      socket.setTimeout(isFull ? transferTimeoutMs : 0);
      if (isFull) timed.add(exchange);
      else timed.delete(exchange);
    }
    // Whoever began the answer through the raw response may have left it there.
    if (isFull || response.writableEnded || (sent && !settled)) return;
    if (now - sinceMarked(exchange, 'leaving', socket.bytesWritten, now) > timeoutMs) response.destroy();
  }

  function arrivingSince(exchange: RestExchange, now: number): number {
    const { request, match, startedAt } = exchange;
    if (!match.target.unlimited) return startedAt;
    // What stands still because nobody here wants more is not the client's fault.
    const isWanted = !request.isPaused() && request.readableLength < request.readableHighWaterMark;
    return sinceMarked(exchange, 'arriving', isWanted ? request.socket.bytesRead : Number.NaN, now);
  }

  function cutOff(exchange: RestExchange): void {
    exchange.last = true;
    lingerAfter(exchange.request.socket);
    options.fail(exchange, refuse('REQUEST_TOO_SLOW'));
  }

  /** Since when a mark has been what it is, in the same phase. */
  function sinceMarked(exchange: RestExchange, phase: Progress['phase'], mark: number, now: number): number {
    const last = seen.get(exchange);
    if (last?.phase === phase && last.mark === mark) return last.at;
    seen.set(exchange, { phase, mark, at: now });
    return now;
  }

  const timer = setInterval(look, periodMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
