import type { Readable } from 'node:stream';

const mostLines = 10_000;
const longestLine = 65_536;

/** What a process wrote to one of its streams, line by line; the last 10 000 lines. */
export interface Output {
  readonly lines: readonly string[];
  /** All that is kept, a last line without its end included. */
  text(): string;
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>;
}

/** Collects what a stream carries, and tells of each whole line. A line longer than 64 KiB is told in pieces. */
export function collectOutput(stream: Readable, onLine: (line: string) => void): Output {
  const lines: string[] = [];
  let rest = '';
  const add = (line: string) => {
    lines.push(line);
    if (lines.length > mostLines) lines.shift();
    onLine(line);
  };
  const take = (chunk: string) => {
    const pieces = (rest + chunk).split('\n');
    rest = pieces.pop() as string;
    for (const piece of pieces) add(piece.endsWith('\r') ? piece.slice(0, -1) : piece);
    while (rest.length > longestLine) {
      add(rest.slice(0, longestLine));
      rest = rest.slice(longestLine);
    }
  };
  const ended = new Promise<void>((resolve) => {
    stream.once('close', () => {
      if (rest !== '') add(rest);
      rest = '';
      resolve();
    });
  });
  stream.setEncoding('utf8').on('data', take);
  return { lines, ended, text: () => [...lines, rest].join('\n') };
}
