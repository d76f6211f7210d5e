import { writeSync } from 'node:fs';

const patienceMs = 1_000;
const pauseMs = 2;

/** Why bytes did not get out, and how many had before. */
export interface Failure {
  readonly error: unknown;
  readonly written: number;
}

/** Writes bytes to a file descriptor, to the last one, before it returns. Never throws. */
export type WholeWriter = (descriptor: number, bytes: Buffer) => Failure | undefined;

/**
 * Makes a writer, which remembers between writes what state the other end is in: after a failure in the middle of a line
 * it begins with a line feed, and so it does when what is there already ends within a line (`torn`). A pipe that does not
 * block is tried again for a second.
 */
export function createWholeWriter({ torn = false } = {}): WholeWriter {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  let stalled = false;

  function writeBytes(descriptor: number, bytes: Buffer): Failure | undefined {
    let offset = 0;
    let waitedMs = 0;
    while (offset < bytes.length) {
      try {
        offset += writeSync(descriptor, bytes, offset);
        stalled = false;
        waitedMs = 0;
      } catch (error) {
        // A pipe that does not block is full until its reader comes round. Once the reader seems to be stuck,
        // lines are given up at once, until one goes through.
        const full = (error as NodeJS.ErrnoException).code === 'EAGAIN' && !stalled;
        stalled ||= full && waitedMs >= patienceMs;
        if (!full || stalled) return { error, written: offset };
        Atomics.wait(pause, 0, 0, pauseMs);
        waitedMs += pauseMs;
      }
    }
    return undefined;
  }

  return (descriptor, bytes) => {
    // What a failed write left of a line must not run into the next one.
    if (torn) {
      const failure = writeBytes(descriptor, lineFeed);
      if (failure) return failure;
    }
    const failure = writeBytes(descriptor, bytes);
    torn = failure !== undefined && failure.written > 0 && bytes[failure.written - 1] !== lineFeed[0];
    return failure;
  };
}

const lineFeed = Buffer.from('\n');
