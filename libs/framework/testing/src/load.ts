import http from 'node:http';
import https from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';

export interface LoadOptions {
  url: string | URL;
  /** How many requests are under way at once, each on a connection of its own. Default: 10. */
  connections?: number;
  /** Default: `GET`. */
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** How long one request may take, in milliseconds. Default: 10 000. */
  timeoutMs?: number;
  /** How long each connection waits after an answer before its next request, in milliseconds. Default: 0. */
  pauseMs?: number;
}

/** What became of the requests so far. Each is counted once, when it is over. */
export interface LoadCounts {
  /** Whole answers by HTTP status. */
  readonly answers: Readonly<Record<number, number>>;
  /** Whole answers in all. */
  readonly answered: number;
  /** No connection could be made, so nothing was sent. */
  readonly refused: number;
  /** The connection ended after the request went out and before its answer was whole. */
  readonly reset: number;
  /** The time of the request was over before its answer was whole. */
  readonly timedOut: number;
  /** What went wrong with the first 20 that were reset, such as `ECONNRESET on a kept connection`. */
  readonly faults: readonly string[];
}

export interface Load extends AsyncDisposable {
  /** A copy of what is counted by now. */
  counts(): LoadCounts;
  /** Begins no more requests, waits for those under way, and closes the connections. */
  stop(): Promise<LoadCounts>;
}

type Outcome = { status: number } | { refused: true } | { timedOut: true } | { fault: string };

/**
 * Sends requests over keep-alive connections, on each the next one as soon as the last is answered or after a pause, until
 * it is stopped. A connection that the server closes, or that cannot be made, is made anew.
 *
 * @throws {RangeError} when `connections` is not an integer from 1 to 1000.
 */
export function load({
  url,
  connections = 10,
  method = 'GET',
  headers = {},
  body,
  timeoutMs = 10_000,
  pauseMs = 0,
}: LoadOptions): Load {
  if (!Number.isInteger(connections) || connections < 1 || connections > 1_000) {
    throw new RangeError(`Expected \`connections\` to be an integer from 1 to 1000, got \`${connections}\``);
  }
  const target = new URL(url);
  const client = target.protocol === 'https:' ? https : http;
  const stopping = new AbortController();
  const counts = { answers: {} as Record<number, number>, answered: 0, refused: 0, reset: 0, timedOut: 0 };
  const faults: string[] = [];

  const count = (outcome: Outcome) => {
    if ('status' in outcome) {
      counts.answered += 1;
      counts.answers[outcome.status] = (counts.answers[outcome.status] ?? 0) + 1;
    } else if ('fault' in outcome) {
      counts.reset += 1;
      if (faults.length < 20) faults.push(outcome.fault);
    } else counts['refused' in outcome ? 'refused' : 'timedOut'] += 1;
  };
  const drive = async () => {
    const agent = new client.Agent({ keepAlive: true, maxSockets: 1 });
    while (!stopping.signal.aborted) {
      const outcome = await send(client.request(target, { agent, method, headers }), body, timeoutMs);
      count(outcome);
      // Without a pause, a server that is away would be asked as fast as this machine can.
      const waitMs = Math.max(pauseMs, 'refused' in outcome ? 10 : 0);
      if (waitMs > 0) await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    agent.destroy();
  };
  const drivers = Promise.all(Array.from({ length: connections }, drive));
  const read = () => ({ ...counts, answers: { ...counts.answers }, faults: [...faults] });
  const stop = async () => {
    stopping.abort();
    await drivers;
    return read();
  };
  return { counts: read, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

function send(request: http.ClientRequest, body: string | undefined, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    let connected = false;
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      request.destroy();
    }, timeoutMs);
    const finish = (outcome: Outcome) => {
      clearTimeout(timer);
      resolve(outcome);
    };
    const fail = ({ code, message }: NodeJS.ErrnoException) => {
      if (timedOut) finish({ timedOut: true });
      else if (!connected) finish({ refused: true });
      else finish({ fault: `${code ?? message} on a ${request.reusedSocket ? 'kept' : 'new'} connection` });
    };
    request.once('socket', (socket) => {
      if (!socket.connecting) connected = true;
      else socket.once('connect', () => (connected = true));
    });
    request.once('response', (response) => {
      response.once('end', () => finish({ status: response.statusCode as number }));
      response.once('error', fail);
      response.resume();
    });
    request.once('error', fail);
    request.end(body);
  });
}
