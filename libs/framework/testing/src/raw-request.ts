import { connect } from 'node:net';

export interface RawRequestOptions {
  /** Default: `127.0.0.1`. */
  host?: string;
  /** How long to wait for the end of the answer in all, in milliseconds. Default: 5000. */
  timeoutMs?: number;
  /** Stops reading as soon as the answer matches. Default: reads until the server closes the connection. */
  until?: RegExp;
}

/** What came back, and how it ended. */
export interface RawAnswer {
  /** The bytes of the answer as Latin-1, at most 1 MiB of them. */
  readonly text: string;
  /** `matched`: `until` did. `timeout`: the server neither closed nor matched in time. `refused`: no connection was made. */
  readonly end: 'closed' | 'reset' | 'matched' | 'timeout' | 'full' | 'refused';
}

const mostBytes = 1024 * 1024;

/** Sends bytes as they are to a TCP port, well-formed or not, and gives what comes back. Never rejects. */
export function rawRequest(
  port: number,
  bytes: string | Uint8Array,
  { host = '127.0.0.1', timeoutMs = 5_000, until }: RawRequestOptions = {},
): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = '';
    let connected = false;
    const socket = connect({ port, host });
    const finish = (end: RawAnswer['end']) => {
      clearTimeout(timer);
      resolve({ text, end });
      socket.destroy();
    };
    const timer = setTimeout(() => finish('timeout'), timeoutMs);
    socket.setEncoding('latin1');
    socket.once('connect', () => {
      connected = true;
      socket.write(bytes);
    });
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (until && text.search(until) !== -1) finish('matched');
      else if (text.length >= mostBytes) finish('full');
    });
    socket.once('end', () => finish('closed'));
    socket.once('error', () => finish(connected ? 'reset' : 'refused'));
    socket.once('close', () => finish('closed'));
  });
}
