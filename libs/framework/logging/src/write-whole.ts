import { writeSync } from 'node:fs';

const patienceMs = 1_000;
const pauseMs = 2;

/** Writes a text to a file descriptor to the last byte before it returns. */
export interface WholeWriter {
  /** @throws what the system says, such as EPIPE or ENOSPC; EAGAIN when nobody took anything for a second. */
  write(descriptor: number, text: string): void;
}

/** Makes a writer, which remembers between writes what state the other end is in. */
export function createWholeWriter(): WholeWriter {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  let torn = false;
  let stalled = false;

  function writeBytes(descriptor: number, bytes: Buffer): void {
    let offset = 0;
    let waitedMs = 0;
    while (offset < bytes.length) {
      try {
        offset += writeSync(descriptor, bytes, offset);
        stalled = false;
        waitedMs = 0;
      } catch (error) {
        torn ||= offset > 0;
        // A pipe that does not block is full until its reader comes round. Once the reader seems to be stuck,
        // lines are given up at once, until one goes through.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || stalled) throw error;
        stalled = waitedMs >= patienceMs;
        if (stalled) throw error;
        Atomics.wait(pause, 0, 0, pauseMs);
        waitedMs += pauseMs;
      }
    }
  }

  return {
    write(descriptor, text) {
      // What a failed write left of a line must not run into the next one.
      writeBytes(descriptor, Buffer.from(torn ? `\n${text}` : text));
      torn = false;
    },
  };
}
