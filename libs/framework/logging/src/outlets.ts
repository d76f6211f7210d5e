import { openLogFile, type LogFileOptions } from './log-file.ts';
import type { LogHandler, Outcome, Outlet } from './handler.ts';
import { createLineBuffer } from './line-buffer.ts';
import { rankOf } from './levels.ts';
import type { Level } from './logger.ts';
import type { Formatter } from './record.ts';
import { createWholeWriter, type Failure } from './write-whole.ts';

const standardOutput = 1;
const urgentFrom = rankOf('warn');
const closeWithinMs = 5_000;

/** What each outlet has. */
export interface OutletOptions {
  readonly level: Level | undefined;
  readonly format: Formatter;
  readonly outcome: Outcome;
}

/** Writes to standard output; of up to `bufferSize` characters lines are gathered. */
export function createConsole(options: OutletOptions, bufferSize: number): Outlet {
  const writer = createWholeWriter();
  return buffered(options, bufferSize, (bytes) => writer(standardOutput, bytes));
}

/** Writes to a log file, gathering lines in the same way. @throws {ServiceError} as `openLogFile` does. */
export function openFileOutlet(
  options: OutletOptions & { readonly onReopenFailed: (error: unknown) => void },
  { path, bufferSize, ...rotation }: LogFileOptions & { readonly path: string; readonly bufferSize: number },
): Outlet {
  const file = openLogFile(path, rotation);
  const outlet = buffered(options, bufferSize, (bytes) => file.write(bytes));
  return {
    ...outlet,
    flush() {
      outlet.flush();
      file.sync();
    },
    reopen() {
      outlet.flush();
      try {
        file.reopen();
      } catch (error) {
        options.onReopenFailed(error);
      }
    },
    close() {
      void outlet.close();
      file.close();
    },
  };
}

/** Hands each line to a handler at once. */
export function createDirect(options: OutletOptions, handler: Omit<LogHandler, 'name'>): Outlet {
  const { outcome } = options;
  let closed = false;
  const lose = (error: unknown) => outcome({ lines: 1, error });
  const attempt = (work: () => unknown, lines: number) => {
    try {
      return work();
    } catch (error) {
      return outcome({ lines, error });
    }
  };
  const flush = () => void attempt(() => handler.flush?.(), 0);
  return {
    ...common(options),
    put(line, record) {
      if (closed) return;
      try {
        const taken = handler.write(line, record);
        if (isPromise(taken)) taken.then(() => outcome(), lose);
        else outcome();
      } catch (error) {
        lose(error);
      }
    },
    flush,
    holdNothing: flush,
    reopen: () => void attempt(() => handler.reopen?.(), 0),
    async close() {
      closed = true;
      await within(closeWithinMs, async () => handler.close?.()).catch((error: unknown) =>
        outcome({ lines: 0, error }),
      );
    },
  };
}

function buffered(options: OutletOptions, limit: number, write: (bytes: Buffer) => Failure | undefined): Outlet {
  const buffer = createLineBuffer({
    limit,
    write(lines) {
      const failure = write(Buffer.from(lines.join('')));
      options.outcome(failure && { lines: lines.length - wholeLines(lines, failure.written), error: failure.error });
    },
  });
  return {
    ...common(options),
    put: (line, { time }, rank) => buffer.add(line, time, rank >= urgentFrom),
    flush: () => buffer.flush(),
    holdNothing: () => buffer.holdNothing(),
    reopen: () => undefined,
    close: () => buffer.holdNothing(),
  };
}

function common({ level, format }: OutletOptions): Pick<Outlet, 'rank' | 'format'> {
  return { rank: level === undefined ? 0 : rankOf(level), format };
}

function wholeLines(lines: readonly string[], bytes: number): number {
  let left = bytes;
  const torn = lines.findIndex((line) => (left -= Buffer.byteLength(line)) < 0);
  return torn < 0 ? lines.length : torn;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

async function within(ms: number, work: () => Promise<unknown>): Promise<void> {
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => over.reject(new Error(`did not end within ${ms} ms`)), ms);
  try {
    await Promise.race([work(), over.promise]);
  } finally {
    clearTimeout(timer);
  }
}
