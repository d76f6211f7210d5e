import type { Output } from './output.ts';

/** A line that holds a text, matches an expression, or fits a predicate. */
export type WantedLine = string | RegExp | ((line: string) => boolean);

export interface LineSource {
  /** The process's name, for messages. */
  readonly name: string;
  readonly outputs: readonly Output[];
  /** Who is told of each new line. */
  readonly listeners: Set<(line: string) => void>;
  /** Resolves, with how it ended, when no more lines come. */
  readonly end: Promise<string>;
}

/** The first line that is wanted, already written or still to come. */
export function awaitLine(source: LineSource, wanted: WantedLine, timeoutMs: number): Promise<string> {
  const { name, outputs, listeners, end } = source;
  const written = outputs.flatMap(({ lines }) => lines).find((line) => isWanted(line, wanted));
  if (written !== undefined) return Promise.resolve(written);

  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const listener = (line: string) => {
    if (isWanted(line, wanted)) resolve(line);
  };
  const giveUp = (why: string) => {
    const tail = outputs.flatMap(({ lines }) => lines.slice(-20)).join('\n');
    reject(new Error(`Waited for a line ${inWords(wanted)} of ${name}, but ${why}. Its last output:\n${tail}`));
  };
  listeners.add(listener);
  const timer = setTimeout(() => giveUp(`none came in ${timeoutMs} ms`), timeoutMs);
  void end.then((how) => giveUp(`it ended with ${how}`));
  return promise.finally(() => {
    clearTimeout(timer);
    listeners.delete(listener);
  });
}

function isWanted(line: string, wanted: WantedLine): boolean {
  if (typeof wanted === 'function') return wanted(line);
  return typeof wanted === 'string' ? line.includes(wanted) : line.search(wanted) !== -1;
}

function inWords(wanted: WantedLine): string {
  if (typeof wanted === 'function') return 'that fits';
  return typeof wanted === 'string' ? `with \`${wanted}\`` : `like ${wanted}`;
}
